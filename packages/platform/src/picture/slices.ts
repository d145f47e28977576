import type { Volume } from "./volume.ts";

export type Plane = "XY" | "XZ" | "YZ";

/** Axes of z, y and x by their number, as each plane shows them: to the right, and down. */
export const planeAxes: Readonly<Record<Plane, readonly [right: 0 | 1 | 2, down: 0 | 1 | 2]>> = {
  XY: [2, 1],
  XZ: [2, 0],
  YZ: [1, 0],
};

/** Axis of z, y and x that each plane is cut across. */
export const planeAcross: Readonly<Record<Plane, 0 | 1 | 2>> = { XY: 0, XZ: 1, YZ: 2 };

/** Voxels of one plane, row by row; `trueWidth` and `trueHeight` are its size in the voxels' unit. */
export interface Slice {
  readonly plane: Plane;
  /** Where the plane lies along the axis that it is cut across, as an index. */
  readonly at: number;
  readonly voxels: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly trueWidth: number;
  readonly trueHeight: number;
}

/**
 * The three planes through a voxel (by default the middle one): XY (x right, y down), XZ (x right,
 * z down), YZ (y right, z down).
 */
export function orthogonalSlices(
  { voxels, shape: [Z, Y, X] }: Volume,
  [zEdge, yEdge, xEdge]: readonly [number, number, number],
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
      trueWidth: X * xEdge,
      trueHeight: Y * yEdge,
    },
    {
      plane: "XZ",
      at: y,
      voxels: cut(X, Z, (column, row) => (row * Y + y) * X + column),
      width: X,
      height: Z,
      trueWidth: X * xEdge,
      trueHeight: Z * zEdge,
    },
    {
      plane: "YZ",
      at: x,
      voxels: cut(Y, Z, (column, row) => (row * Y + column) * X + x),
      width: Y,
      height: Z,
      trueWidth: Y * yEdge,
      trueHeight: Z * zEdge,
    },
  ];
}

/** The largest value along z, y and x, in the same three views; NaN counts for nothing. */
export function maximumProjections(
  { voxels, shape }: Volume,
  edges: readonly [number, number, number],
): readonly Slice[] {
  const [Z, Y, X] = shape;
  return orthogonalSlices({ voxels, shape }, edges).map((slice) => {
    const most = new Float32Array(slice.width * slice.height).fill(Number.NaN);
    const [right, down] = planeAxes[slice.plane];
    let i = 0;
    for (let z = 0; z < Z; z++) {
      for (let y = 0; y < Y; y++) {
        for (let x = 0; x < X; x++, i++) {
          const place = [z, y, x];
          const at = (place[down] ?? 0) * slice.width + (place[right] ?? 0);
          const value = voxels[i] ?? Number.NaN;
          if (!(value <= (most[at] ?? Number.NaN)) && !Number.isNaN(value)) most[at] = value;
        }
      }
    }
    return { ...slice, voxels: most };
  });
}
