import { DataError } from "./errors.ts";

/** The axes of a sample, and of an image wherever its sizes are named, slowest first. */
export const imageAxes = "TZYXC";

/** The axes of what we write: OME-Zarr wants channels before space. */
export const axesOnDisk = "TCZYX";

/** The one alphabet of axes: batch, time, space, channel. */
const alphabet = "BTZYXC";

/**
 * Sizes along `to` of an image whose sizes along `from` are `shape`. An axis that `from` lacks has
 * size 1; one that `to` lacks must have size 1.
 *
 * @throws {@link DataError} DATA_AXES or DATA_SHAPE.
 */
export function shapeAlong(shape: readonly number[], from: string, to: string): readonly number[] {
  checkAxes(from);
  checkAxes(to);
  if (shape.length !== from.length) {
    throw new DataError("DATA_SHAPE", `axes ${from} need ${from.length} sizes, got [${shape}]`);
  }
  [...from].forEach((axis, index) => {
    if (!to.includes(axis) && shape[index] !== 1) {
      const size = `size ${shape[index]} along ${axis}`;
      throw new DataError("DATA_SHAPE", `an image of axes ${to} cannot have ${size}; expected 1`);
    }
  });
  return [...to].map((axis) => (from.includes(axis) ? (shape[from.indexOf(axis)] ?? 1) : 1));
}

/** Steps from one element to the next along each axis of a dense array, in elements. */
export function stridesOf(shape: readonly number[]): readonly number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  }
  return strides;
}

function checkAxes(axes: string): void {
  const isKnown = [...axes].every((axis, index) => {
    return alphabet.includes(axis) && axes.indexOf(axis) === index;
  });
  if (!isKnown || axes === "") {
    throw new DataError("DATA_AXES", `expected axes out of ${alphabet}, each once, got "${axes}"`);
  }
}
