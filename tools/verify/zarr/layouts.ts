import type { CreateOptions } from "@cell-observatory/zarr";
import fc from "fast-check";

export const elementBytes = {
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  float16: 2,
  bfloat16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
  float64: 8,
  int64: 8,
  uint64: 8,
  complex64: 8,
  complex128: 16,
} as const satisfies Partial<Record<CreateOptions["dtype"], number>>;

export type Dtype = keyof typeof elementBytes;
const dtypes = Object.keys(elementBytes) as Dtype[];
const codecs = ["blosc-zstd", "blosc-lz4", "zstd", "gzip", "none"] as const;

/** Layouts that `createArray` takes. */
export const layouts = fc
  .record({
    axes: fc.array(
      fc.record({
        chunk: fc.integer({ min: 1, max: 9 }),
        numChunks: fc.integer({ min: 1, max: 3 }),
        size: fc.integer({ min: 1, max: 16 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    isSharded: fc.boolean(),
    zarrFormat: fc.constantFrom(2 as const, 3 as const),
    dtype: fc.constantFrom(...dtypes),
    codec: fc.constantFrom(...codecs),
    shuffle: fc.constantFrom("none" as const, "byte" as const, "bit" as const),
    fill: fc.integer({ min: 0, max: 100 }),
    checksum: fc.boolean(),
  })
  .filter(({ zarrFormat, dtype }) => zarrFormat === 3 || dtype !== "bfloat16")
  .map(({ axes, isSharded, zarrFormat, checksum, shuffle, fill, codec, dtype }) => ({
    codec,
    dtype,
    zarrFormat,
    shape: axes.map(({ size }) => size),
    chunkShape: axes.map(({ chunk }) => chunk),
    fillValue: fillValue(dtype, fill),
    ...(codec.startsWith("blosc") && { shuffle }),
    ...(zarrFormat === 3 && { checksum }),
    ...(zarrFormat === 3 &&
      isSharded && { shardShape: axes.map(({ chunk, numChunks }) => chunk * numChunks) }),
  }));

function fillValue(dtype: Dtype, value: number): CreateOptions["fillValue"] {
  if (dtype === "bool") return value % 2 === 1;
  if (dtype.startsWith("complex")) return [value, -1];
  if (dtype.startsWith("float") && value % 3 === 0) return Number.NaN;
  return dtype.endsWith("int64") ? BigInt(value) : value;
}
