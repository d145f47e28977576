import { DataError } from "../errors.ts";

/** How an image is cut into hypercubes: their size along T Z Y X, and the distance of neighbours. */
export interface Grid {
  readonly cubeShape: readonly [t: number, z: number, y: number, x: number];
  /** Null: as far as they are large, so that they do not overlap. */
  readonly stride: readonly [t: number, z: number, y: number, x: number] | null;
}

export interface GridPlace {
  readonly time_start: number;
  readonly z_start: number;
  readonly y_start: number;
  readonly x_start: number;
  readonly time_size: number;
  readonly z_size: number;
  readonly y_size: number;
  readonly x_size: number;
}

/**
 * The places of a grid in an image [T Z Y X ...]: whole hypercubes alone, and the last along each
 * axis ends where the image ends. None when the image is smaller than a hypercube.
 *
 * @throws {@link DataError} DATA_SHAPE for a grid of more than 10^7 places.
 */
export function gridPlaces(shape: readonly number[], { cubeShape, stride }: Grid): GridPlace[] {
  const lines = cubeShape.map((edge, axis) => {
    return { size: shape[axis] ?? 1, edge, stride: stride?.[axis] ?? edge };
  });
  // Counted before they are listed: metadata may claim any size.
  const count = lines.reduce((product, line) => product * countAlong(line), 1);
  if (count > 1e7) {
    const message = `a grid of ${cubeShape.join(" x ")} in an image of ${shape.join(" x ")} has ${count} places; at most 10^7`;
    throw new DataError("DATA_SHAPE", message, { hint: "Use a larger stride, or larger cubes." });
  }
  const [ts = [], zs = [], ys = [], xs = []] = lines.map(startsAlong);
  const [time_size, z_size, y_size, x_size] = cubeShape;
  const size = { time_size, z_size, y_size, x_size };
  return zs.flatMap((z_start) =>
    ys.flatMap((y_start) =>
      xs.flatMap((x_start) =>
        ts.map((time_start) => ({ time_start, z_start, y_start, x_start, ...size })),
      ),
    ),
  );
}

interface Line {
  readonly size: number;
  readonly edge: number;
  readonly stride: number;
}

function countAlong({ size, edge, stride }: Line): number {
  return edge > size ? 0 : Math.ceil((size - edge) / stride) + 1;
}

function startsAlong(line: Line): number[] {
  const { size, edge, stride } = line;
  return Array.from({ length: countAlong(line) }, (_, i) => Math.min(i * stride, size - edge));
}
