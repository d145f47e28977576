import { type NativeArray, native } from "./binding.ts";
import { type ChunkCache, nativeCache } from "./chunk-cache.ts";
import type { Document, JsonObject } from "./documents.ts";
import {
  bytesOf,
  elementBytes,
  elementValue,
  type FillValue,
  isZarrDtype,
  type TypedArray,
  viewOf,
  type ZarrDtype,
} from "./dtype.ts";
import { nativeError, ZarrError } from "./errors.ts";
import { runJob } from "./job.ts";
import { elementsInside, type Region } from "./region.ts";
import type { StorageReport } from "./storage-report.ts";

export interface ReadOptions extends Region {
  /** Where in the target the region's first element goes, in bytes. */
  readonly byteOffset?: number | undefined;
  /**
   * Elements of the target from one element of the region to the next along each axis, so that axes
   * can be put in another order. No two elements may meet. Else C order: the last axis is fastest.
   */
  readonly strides?: readonly number[] | undefined;
  /**
   * A chunk that was never written: its fill value, the target left as it was, or
   * ZARR_MISSING_CHUNK.
   */
  readonly missingChunks?: "fill" | "leave" | "error" | undefined;
  /** As it was announced to the cache, see {@link ChunkCache}. */
  readonly place?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface WriteOptions extends Region {
  /** Waits until what was written would survive a loss of power. */
  readonly isDurable?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

let nativeOf: (array: ZarrArray) => NativeArray;

/** A Zarr array on disk. It holds no file open, and nothing to close. */
export class ZarrArray {
  readonly path: string;
  readonly shape: readonly number[];
  readonly dtype: ZarrDtype;
  /** The smallest unit that is read and decoded. */
  readonly chunkShape: readonly number[];
  /** What one file holds, when that is more than a chunk. */
  readonly shardShape: readonly number[] | null;
  readonly dimensionNames: readonly (string | null)[] | null;
  readonly attributes: JsonObject;
  readonly zarrFormat: 2 | 3;
  readonly fillValue: FillValue;
  readonly #native: NativeArray;

  /** Use {@link openArray} or {@link createArray}. */
  constructor(
    path: string,
    zarrFormat: 2 | 3,
    document: Document,
    { attributes = {}, cache }: { attributes?: JsonObject; cache?: ChunkCache | undefined },
  ) {
    this.#native = nativeArray(path, zarrFormat, document, cache);
    const info = this.#native.info();
    if (!isZarrDtype(info.dtype)) throw new ZarrError("ZARR_DTYPE", info.dtype, { path });
    this.path = path;
    this.shape = info.shape;
    this.dtype = info.dtype;
    this.chunkShape = info.chunkShape;
    this.shardShape = info.shardShape ?? null;
    this.dimensionNames = dimensionNames(path, document, info.shape.length);
    this.attributes = attributes;
    this.zarrFormat = zarrFormat;
    this.fillValue = elementValue(info.dtype, Uint8Array.from(info.fillValue));
  }

  /**
   * Reads a region into memory of the caller, in C order unless `strides` say otherwise.
   *
   * Threads write to the memory until the promise settles: do not read, transfer or resize it
   * before. A SharedArrayBuffer may lie under the target.
   *
   * Storage that fails for a moment (EIO, ESTALE, EAGAIN, ETIMEDOUT) is asked again, four times in
   * 2.6 s at most.
   *
   * @throws {@link ZarrError} ZARR_BOUNDS, ZARR_DTYPE, ZARR_CHUNK, ZARR_MISSING_CHUNK, ZARR_IO
   */
  async readInto(target: TypedArray, options: ReadOptions): Promise<StorageReport> {
    const { origin, shape, byteOffset = 0, strides, place, signal } = options;
    const { missingChunks = "fill" } = options;
    if (place !== undefined) this.#checkPlace(place);
    const bytes = this.#spannedBytes(options);
    const memory = bytesOf(target, this.dtype, this.path);
    const part = this.#part(memory, byteOffset, bytes);
    const read = (id: number) =>
      this.#native.read(id, part, origin, shape, missingChunks, strides, place);
    return runJob(read, signal);
  }

  /**
   * Tells the array's cache that the read of `place` will want this region. In ascending order of
   * places; the cache remembers a million uses of chunks, and not those beyond. Without a cache, it
   * does nothing.
   *
   * @throws {@link ZarrError} ZARR_BOUNDS
   */
  expect({ origin, shape, place }: Region & { readonly place: number }): void {
    elementsInside({ origin, shape }, this.shape, this.path);
    this.#checkPlace(place);
    this.#native.expect(origin, shape, place);
  }

  /** Reads a region into new memory. See {@link readInto}; it has no report of missing chunks. */
  async read(options: Omit<ReadOptions, "byteOffset" | "strides">): Promise<TypedArray> {
    const memory = this.#newMemory(this.#regionBytes(options));
    await this.readInto(memory, options);
    return viewOf(this.dtype, memory);
  }

  /**
   * Writes a region from C-ordered memory, which must not change before the promise settles.
   *
   * Each file (a shard, or a chunk where there are no shards) is put in place whole. One that the
   * region covers in part is read, changed and written again, so write shard by shard if you can.
   * Within the process, concurrent writes to one file come one after the other.
   *
   * @throws {@link ZarrError} ZARR_BOUNDS, ZARR_DTYPE, ZARR_CHUNK, ZARR_IO (a full disk)
   */
  async write(data: TypedArray, options: WriteOptions): Promise<void> {
    const { origin, shape, isDurable = false, signal } = options;
    const bytes = this.#regionBytes(options);
    const memory = bytesOf(data, this.dtype, this.path);
    if (memory.byteLength !== bytes) throw this.#wrongSize(bytes, memory.byteLength);
    await runJob((id) => this.#native.write(id, memory, origin, shape, isDurable), signal);
  }

  static {
    nativeOf = (array) => array.#native;
  }

  #checkPlace(place: number): void {
    if (Number.isSafeInteger(place) && place > 0) return;
    const message = `${this.path}: expected a place that the cache gave, found ${place}`;
    throw new ZarrError("ZARR_BOUNDS", message, { path: this.path });
  }

  #regionBytes(region: Region): number {
    return elementsInside(region, this.shape, this.path) * elementBytes(this.dtype);
  }

  #spannedBytes({ strides, ...region }: ReadOptions): number {
    const bytes = this.#regionBytes(region);
    if (strides === undefined || bytes === 0) return bytes;
    const last = region.shape.map((size, axis) => (size - 1) * (strides[axis] ?? Number.NaN));
    const span = last.reduce((sum, step) => sum + step, 1) * elementBytes(this.dtype);
    const isWhole = strides.every((stride) => Number.isSafeInteger(stride) && stride >= 0);
    if (isWhole && strides.length === region.shape.length) return span;
    const found = `[${strides.join(", ")}]`;
    const message = `${this.path}: expected a stride of 0 or more for each axis, found ${found}`;
    throw new ZarrError("ZARR_BOUNDS", message, { path: this.path });
  }

  #part(memory: Uint8Array, byteOffset: number, bytes: number): Uint8Array {
    const isInside = Number.isSafeInteger(byteOffset) && byteOffset >= 0;
    const room = isInside ? memory.byteLength - byteOffset : 0;
    if (room < bytes) throw this.#wrongSize(bytes, room);
    return memory.subarray(byteOffset, byteOffset + bytes);
  }

  #newMemory(bytes: number): Uint8Array {
    try {
      return new Uint8Array(bytes);
    } catch (cause) {
      const message = `${this.path}: expected memory for ${bytes} bytes, found less`;
      throw new ZarrError("ZARR_BOUNDS", message, { path: this.path, cause });
    }
  }

  #wrongSize(expected: number, found: number): ZarrError {
    const { path } = this;
    const message = `${path}: expected memory of ${expected} bytes for the region, found ${found}`;
    return new ZarrError("ZARR_BOUNDS", message, { path });
  }
}

/** Forgets what caches hold of an array that is made anew, for {@link createArray}. */
export function forgetCached(array: ZarrArray): void {
  nativeOf(array).forget();
}

function nativeArray(
  path: string,
  zarrFormat: 2 | 3,
  { text }: Document,
  cache: ChunkCache | undefined,
): NativeArray {
  const { NativeArray } = native();
  try {
    return new NativeArray(path, text, zarrFormat, cache && nativeCache(cache));
  } catch (thrown) {
    const failure = nativeError(thrown);
    if (!(failure instanceof ZarrError)) throw failure;
    throw new ZarrError(failure.code, `${path}: ${failure.message}`, { path });
  }
}

function dimensionNames(
  path: string,
  { json }: Document,
  rank: number,
): readonly (string | null)[] | null {
  const names = json.dimension_names;
  if (names === undefined || names === null) return null;
  const isName = (name: unknown): name is string | null =>
    name === null || typeof name === "string";
  if (Array.isArray(names) && names.length === rank && names.every(isName)) return names;
  const message = `${path}: expected ${rank} dimension_names, found ${JSON.stringify(names)}`;
  throw new ZarrError("ZARR_METADATA", message, { path });
}
