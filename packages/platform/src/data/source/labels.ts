import type { TypedArray, ZarrArray } from "@cell-observatory/zarr";
import { DataError } from "../../images/index.ts";
import { type NumberArray, tailOf, widen } from "./widen.ts";

/** Whole numbers that fit into the memory of a label map. */
const upTo32Bits = {
  bool: Uint8Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
} as const;

/**
 * Memory for labels as they are on disk: a part of the label map's own, or, where they are wider,
 * memory beside it.
 *
 * @throws {@link DataError} DATA_LABELS for a type that is not one of whole numbers.
 */
export function labelMemory({ path, dtype }: ZarrArray, map: Int32Array): TypedArray {
  if (dtype === "int64") return new BigInt64Array(map.length);
  if (dtype === "uint64") return new BigUint64Array(map.length);
  if (dtype in upTo32Bits) {
    const Memory = upTo32Bits[dtype as keyof typeof upTo32Bits];
    return tailOf<NumberArray>(map, Memory);
  }
  throw new DataError("DATA_LABELS", `${path} holds ${dtype}; labels are whole numbers`);
}

/**
 * Writes labels into the label map that their memory is for. Those above 2^31 - 1 become negative:
 * see {@link refuseNegative}.
 */
export function copyLabels(memory: TypedArray, map: Int32Array): void {
  if (!(memory instanceof BigInt64Array || memory instanceof BigUint64Array)) {
    if (memory.byteLength < map.byteLength) widen(memory, map); // else it lies where it belongs
    return;
  }
  // Without a BigInt for each label: a 64-bit number is two of 32 bits, the lower one first.
  const words = new Int32Array(memory.buffer, memory.byteOffset, 2 * memory.length);
  for (let at = 0; at < map.length; at++) {
    map[at] = words[2 * at + 1] === 0 ? (words[2 * at] as number) : -1;
  }
}

/**
 * @param memory - what the label map was copied from.
 * @throws {@link DataError} DATA_LABELS for a label that is below 0 or above 2^31 - 1.
 */
export function refuseNegative(path: string, map: Int32Array, memory: TypedArray): void {
  if (memory instanceof Uint8Array || memory instanceof Uint16Array) return; // all of them fit
  let signs = 0;
  for (let at = 0; at < map.length; at++) signs |= map[at] as number;
  if (signs >= 0) return;
  const at = map.findIndex((label) => label < 0);
  const label = memory.length * memory.BYTES_PER_ELEMENT < map.byteLength ? map[at] : memory[at];
  throw new DataError("DATA_LABELS", `${path} has the label ${label}; expected 0 to 2^31 - 1`);
}
