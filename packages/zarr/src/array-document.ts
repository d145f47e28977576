import type { JsonObject } from "./documents.ts";
import { elementBytes, type FillValue, type ZarrDtype } from "./dtype.ts";
import { ZarrError } from "./errors.ts";

/** What `createArray` needs to know. Sizes are in elements, C order, the last axis the fastest. */
export interface ArrayLayout {
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  /** What one file holds; a multiple of the chunk along each axis. Zarr v3 only. */
  readonly shardShape?: readonly number[] | undefined;
  readonly dtype: ZarrDtype;
  readonly codec?: "blosc-zstd" | "blosc-lz4" | "zstd" | "gzip" | "none" | undefined;
  /** 0 to 9; zstd takes up to 22. */
  readonly level?: number | undefined;
  /** For blosc. Bits is what compresses microscopy best, and it decodes as fast. */
  readonly shuffle?: "none" | "byte" | "bit" | undefined;
  /** A crc32c for each chunk: without it, blosc gives wrong voxels for a damaged file. v3 only. */
  readonly checksum?: boolean | undefined;
  readonly fillValue?: FillValue | undefined;
  readonly dimensionNames?: readonly (string | null)[] | undefined;
  readonly attributes?: JsonObject | undefined;
  readonly zarrFormat?: 2 | 3 | undefined;
}

/** The text-to-be of `zarr.json` for a layout. */
export function zarrJson(layout: ArrayLayout): JsonObject {
  const { shape, chunkShape, shardShape, dtype, fillValue, dimensionNames, attributes } = layout;
  const codecs = chunkCodecs(layout);
  return {
    zarr_format: 3,
    node_type: "array",
    shape,
    data_type: dtype,
    chunk_grid: { name: "regular", configuration: { chunk_shape: shardShape ?? chunkShape } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: fillJson(fillValue ?? zero(dtype)),
    codecs: shardShape ? [sharding(chunkShape, codecs)] : codecs,
    ...(dimensionNames && { dimension_names: dimensionNames }),
    attributes: attributes ?? {},
  };
}

/**
 * The text-to-be of `.zarray` for a layout; attributes go to `.zattrs`.
 *
 * @throws {@link ZarrError} ZARR_METADATA for what Zarr v2 has no place for
 */
export function zarray(layout: ArrayLayout, path: string): JsonObject {
  const { shape, chunkShape, dtype, fillValue, shardShape, checksum, dimensionNames } = layout;
  const beyond = { shardShape, checksum: checksum || undefined, dimensionNames };
  const found = Object.entries(beyond).find(([, value]) => value !== undefined);
  if (found) {
    const message = `${path}: expected no ${found[0]} for Zarr v2, which has no place for it`;
    throw new ZarrError("ZARR_METADATA", message, { path });
  }
  return {
    zarr_format: 2,
    shape,
    chunks: chunkShape,
    dtype: numpyName(dtype, path),
    fill_value: fillJson(fillValue ?? zero(dtype)),
    compressor: compressor(layout),
    order: "C",
    filters: null,
    dimension_separator: "/",
  };
}

function chunkCodecs({ dtype, codec, level, shuffle, checksum = true }: ArrayLayout): JsonObject[] {
  const typesize = elementBytes(dtype);
  const bytes =
    typesize === 1 ? { name: "bytes" } : { name: "bytes", configuration: { endian: "little" } };
  const crc32c = checksum ? [{ name: "crc32c" }] : [];
  switch (codec ?? "blosc-zstd") {
    case "blosc-zstd":
    case "blosc-lz4": {
      const cname = codec === "blosc-lz4" ? "lz4" : "zstd";
      const name = shuffleNames[shuffle ?? "bit"].v3;
      const configuration = { cname, clevel: level ?? 1, shuffle: name, typesize, blocksize: 0 };
      return [bytes, { name: "blosc", configuration }, ...crc32c];
    }
    case "zstd":
      return [
        bytes,
        { name: "zstd", configuration: { level: level ?? 1, checksum: false } },
        ...crc32c,
      ];
    case "gzip":
      return [bytes, { name: "gzip", configuration: { level: level ?? 1 } }, ...crc32c];
    case "none":
      return [bytes, ...crc32c];
  }
}

function sharding(chunk_shape: readonly number[], codecs: readonly JsonObject[]): JsonObject {
  const index_codecs = [{ name: "bytes", configuration: { endian: "little" } }, { name: "crc32c" }];
  const configuration = { chunk_shape, codecs, index_codecs, index_location: "end" };
  return { name: "sharding_indexed", configuration };
}

function compressor({ codec, level, shuffle }: ArrayLayout): JsonObject | null {
  switch (codec ?? "blosc-zstd") {
    case "blosc-zstd":
    case "blosc-lz4": {
      const cname = codec === "blosc-lz4" ? "lz4" : "zstd";
      const number = shuffleNames[shuffle ?? "bit"].v2;
      return { id: "blosc", cname, clevel: level ?? 1, shuffle: number, blocksize: 0 };
    }
    case "zstd":
      return { id: "zstd", level: level ?? 1 };
    case "gzip":
      return { id: "gzip", level: level ?? 1 };
    case "none":
      return null;
  }
}

const shuffleNames = {
  none: { v2: 0, v3: "noshuffle" },
  byte: { v2: 1, v3: "shuffle" },
  bit: { v2: 2, v3: "bitshuffle" },
} as const;

/** NumPy's names, little-endian. It has none for bfloat16. */
function numpyName(dtype: ZarrDtype, path: string): string {
  const codes = { bool: "b", int: "i", uint: "u", float: "f", complex: "c" } as const;
  const kind = dtype.replace(/\d+$/, "");
  const code = Object.entries(codes).find(([name]) => name === kind)?.[1];
  if (code === undefined) {
    const message = `${path}: expected a NumPy type for Zarr v2, found ${dtype}`;
    throw new ZarrError("ZARR_DTYPE", message, { path });
  }
  const size = elementBytes(dtype);
  return `${size === 1 ? "|" : "<"}${code}${size}`;
}

function zero(dtype: ZarrDtype): FillValue {
  if (dtype === "bool") return false;
  return dtype.startsWith("complex") ? [0, 0] : 0;
}

/** JSON has no NaN and no infinities: Zarr writes them as words. */
function fillJson(value: FillValue): unknown {
  if (Array.isArray(value)) return value.map(fillJson);
  if (typeof value !== "number" || Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "Infinity" : "-Infinity";
}
