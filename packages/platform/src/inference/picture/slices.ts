import type { Volume, VoxelSizeUm } from "./volume.ts";

export type Plane = "XY" | "XZ" | "YZ";

/** Voxels of one plane, row by row; `widthUm` and `heightUm` are the size of the whole plane. */
export interface Slice {
  readonly plane: Plane;
  /** Where the plane lies along the axis that it is cut across, as an index. */
  readonly at: number;
  readonly voxels: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly widthUm: number;
  readonly heightUm: number;
}

/**
 * The three planes through `centre` (by default the middle): XY (x right, y down), XZ (x right,
 * z down), YZ (y right, z down).
 */
export function orthogonalSlices(
  { voxels, shape: [Z, Y, X] }: Volume,
  [zUm, yUm, xUm]: VoxelSizeUm,
  [z, y, x]: readonly [number, number, number] = [Z >> 1, Y >> 1, X >> 1],
): readonly Slice[] {
  const cut = (width: number, height: number, index: (column: number, row: number) => number) =>
    Float32Array.from(
      { length: width * height },
      (_, i) => voxels[index(i % width, Math.floor(i / width))] ?? Number.NaN,
    );
  return [
    {
      plane: "XY",
      at: z,
      voxels: cut(X, Y, (column, row) => (z * Y + row) * X + column),
      width: X,
      height: Y,
      widthUm: X * xUm,
      heightUm: Y * yUm,
    },
    {
      plane: "XZ",
      at: y,
      voxels: cut(X, Z, (column, row) => (row * Y + y) * X + column),
      width: X,
      height: Z,
      widthUm: X * xUm,
      heightUm: Z * zUm,
    },
    {
      plane: "YZ",
      at: x,
      voxels: cut(Y, Z, (column, row) => (row * Y + column) * X + x),
      width: Y,
      height: Z,
      widthUm: Y * yUm,
      heightUm: Z * zUm,
    },
  ];
}
