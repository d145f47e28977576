import { ZarrError } from "./errors.ts";

/** A box of elements: from `origin`, `shape` many along each axis. */
export interface Region {
  readonly origin: readonly number[];
  readonly shape: readonly number[];
}

/**
 * The number of elements in a region, once it is known to lie inside an array.
 *
 * @throws {@link ZarrError} ZARR_BOUNDS
 */
export function elementsInside(
  { origin, shape }: Region,
  whole: readonly number[],
  path: string,
): number {
  const isCount = (value: number | undefined): value is number =>
    Number.isSafeInteger(value) && Number(value) >= 0;
  const fits =
    origin.length === whole.length &&
    shape.length === whole.length &&
    whole.every((size, axis) => {
      const [start, count] = [origin[axis], shape[axis]];
      return isCount(start) && isCount(count) && start + count <= size;
    });
  if (fits) return shape.reduce((product, size) => product * size, 1);
  const message = `${path}: expected a region inside [${whole.join(", ")}], found origin [${origin.join(", ")}] and shape [${shape.join(", ")}]`;
  throw new ZarrError("ZARR_BOUNDS", message, { path });
}
