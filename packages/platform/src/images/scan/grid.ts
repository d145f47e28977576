import type { HypercubePlace } from "../../database/index.ts";
import { DataError } from "../errors.ts";

/** How an image is cut into hypercubes: their size along T Z Y X, and the distance of neighbours. */
export interface Grid {
  readonly cubeShape: readonly [t: number, z: number, y: number, x: number];
  /** Null: as far as they are large, so that they do not overlap. */
  readonly stride: readonly [t: number, z: number, y: number, x: number] | null;
}

/** Places by their number: they are made when they are asked for, and never all in memory. */
export interface GridPlaces {
  readonly length: number;
  at(index: number): HypercubePlace;
}

/**
 * The places of a grid in an image [T Z Y X ...]: whole hypercubes alone, and the last along each
 * axis ends where the image ends. None when the image is smaller than a hypercube. Time is fastest,
 * then x, y and z.
 *
 * @throws {@link DataError} DATA_SHAPE for a grid of more than 10^7 places.
 */
export function placesIn(shape: readonly number[], { cubeShape, stride }: Grid): GridPlaces {
  const lines = cubeShape.map((edge, axis) => {
    return { size: shape[axis] ?? 1, edge, stride: stride?.[axis] ?? edge };
  });
  // Counted before they are listed: metadata may claim any size.
  const counts = lines.map(countAlong);
  const length = counts.reduce((product, count) => product * count, 1);
  if (length > 1e7) {
    const message = `a grid of ${cubeShape.join(" x ")} in an image of ${shape.join(" x ")} has ${length} places; at most 10^7`;
    throw new DataError("DATA_SHAPE", message, { hint: "Use a larger stride, or larger cubes." });
  }
  const [numT = 1, , numY = 1, numX = 1] = counts;
  const [ts, zs, ys, xs] = lines as [Line, Line, Line, Line];
  const [time_size, z_size, y_size, x_size] = cubeShape;
  return {
    length,
    at: (index) => ({
      time_start: startAlong(ts, index % numT),
      z_start: startAlong(zs, Math.floor(index / (numT * numX * numY))),
      y_start: startAlong(ys, Math.floor(index / (numT * numX)) % numY),
      x_start: startAlong(xs, Math.floor(index / numT) % numX),
      time_size,
      z_size,
      y_size,
      x_size,
    }),
  };
}

/** All of {@link placesIn} at once. */
export function gridPlaces(shape: readonly number[], grid: Grid): HypercubePlace[] {
  const places = placesIn(shape, grid);
  return Array.from({ length: places.length }, (_, index) => places.at(index));
}

/** The places of several grids, one grid behind the other. */
export function placesOfAll(shape: readonly number[], grids: readonly Grid[]): GridPlaces {
  const all = grids.map((grid) => placesIn(shape, grid));
  return {
    length: all.reduce((sum, { length }) => sum + length, 0),
    at: (index) => {
      let rest = index;
      for (const places of all) {
        if (rest < places.length) return places.at(rest);
        rest -= places.length;
      }
      throw new RangeError(`no place ${index}`);
    },
  };
}

interface Line {
  readonly size: number;
  readonly edge: number;
  readonly stride: number;
}

function countAlong({ size, edge, stride }: Line): number {
  return edge > size ? 0 : Math.ceil((size - edge) / stride) + 1;
}

function startAlong({ size, edge, stride }: Line, index: number): number {
  return Math.min(index * stride, size - edge);
}
