import type { TypedArray, ZarrArray } from "@cell-observatory/zarr";
import { DataError } from "../errors.ts";

const integers: Readonly<Record<string, new (length: number) => TypedArray>> = {
  bool: Uint8Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  uint64: BigUint64Array,
  int64: BigInt64Array,
};

/**
 * Memory for labels as they are on disk.
 *
 * @throws {@link DataError} DATA_LABELS for a type that is not one of whole numbers.
 */
export function labelMemory({ path, dtype }: ZarrArray, length: number): TypedArray {
  const Memory = integers[dtype];
  if (!Memory) {
    throw new DataError("DATA_LABELS", `${path} holds ${dtype}; labels are whole numbers`);
  }
  return new Memory(length);
}

/**
 * Copies labels into a label map.
 *
 * @throws {@link DataError} DATA_LABELS for one that is below 0 or above 2^31 - 1.
 */
export function copyLabels(path: string, from: TypedArray, to: Int32Array): void {
  for (let at = 0; at < to.length; at++) {
    const label = Number(from[at] ?? 0);
    if (label < 0 || label > 0x7fff_ffff) {
      throw new DataError("DATA_LABELS", `${path} has the label ${label}; expected 0 to 2^31 - 1`);
    }
    to[at] = label;
  }
}
