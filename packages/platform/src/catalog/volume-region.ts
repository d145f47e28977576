import type { Origin } from "../data/index.ts";
import { DataError, type ImageDescription } from "../images/index.ts";

/** Voxels that are rebuilt at most: the arrays of a volume are in memory, 13 bytes a voxel. */
const mostVoxels = 2 ** 27;

/** A block of an image, along T Z Y X. */
export interface Region {
  readonly origin: Origin;
  readonly shape: readonly [t: number, z: number, y: number, x: number];
}

/**
 * Where to rebuild: the whole space, cut to whole patches so that overlapping samples have the same
 * ones, and halved around its middle until it is small enough.
 *
 * @throws {@link DataError} DATA_SHAPE when the image is smaller than a sample.
 */
export function regionOf(
  image: ImageDescription,
  { cube, patch, frame }: { cube: Region["shape"]; patch: Region["shape"]; frame: number },
): Region {
  const [T, Z, Y, X] = image.shape;
  if (cube.some((edge, axis) => edge > (image.shape[axis] ?? 0)) || frame + cube[0] > T) {
    const message = `${image.path} is ${[T, Z, Y, X].join(" x ")} (T Z Y X); expected at least a sample of ${cube.join(" x ")} from frame ${frame} on`;
    throw new DataError("DATA_SHAPE", message);
  }
  const whole = (size: number, axis: 1 | 2 | 3) => Math.floor(size / patch[axis]) * patch[axis];
  const sizes: [z: number, y: number, x: number] = [whole(Z, 1), whole(Y, 2), whole(X, 3)];
  while (cube[0] * sizes[0] * sizes[1] * sizes[2] > mostVoxels) {
    const axis = ([0, 1, 2] as const).reduce((most, a) =>
      sizes[a] / cube[inImage(a)] > sizes[most] / cube[inImage(most)] ? a : most,
    );
    const half = whole(Math.floor(sizes[axis] / 2), inImage(axis));
    if (half < cube[inImage(axis)]) break;
    sizes[axis] = half;
  }
  const start = (axis: 0 | 1 | 2) => {
    const rest = image.shape[inImage(axis)] - sizes[axis];
    return rest < patch[inImage(axis)] ? 0 : Math.floor(rest / 2);
  };
  return { origin: [frame, start(0), start(1), start(2)], shape: [cube[0], ...sizes] };
}

/** Axes of space come after time. */
const inImage = (axis: 0 | 1 | 2) => (axis + 1) as 1 | 2 | 3;
