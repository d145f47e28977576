import type { TypedArray } from "@cell-observatory/zarr";

/** Memory of numbers, of whatever type. */
export type NumberArray = Exclude<TypedArray, BigInt64Array | BigUint64Array>;

interface NumberArrayConstructor<T extends NumberArray> {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
  readonly BYTES_PER_ELEMENT: number;
}

/** Elements that are copied at a time; parts that do not overlap are copied without a detour. */
const blockLength = 1 << 16;

/** The last bytes of `target`, as as many numbers of a smaller type, or of one of the same size. */
export function tailOf<T extends NumberArray>(
  target: NumberArray,
  Narrow: NumberArrayConstructor<T>,
): T {
  const { buffer, byteOffset, byteLength, length } = target;
  return new Narrow(buffer, byteOffset + byteLength - length * Narrow.BYTES_PER_ELEMENT, length);
}

/**
 * Writes the numbers of `from` into `target`. Both may lie in the same memory, see {@link tailOf}:
 * from the first number on, none is written over before it was read.
 */
export function widen(from: NumberArray, target: NumberArray): void {
  for (let at = 0; at < target.length; at += blockLength) {
    target.set(from.subarray(at, at + blockLength), at);
  }
}
