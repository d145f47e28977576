import { type NativeCache, native } from "./binding.ts";
import type { CacheStatistics } from "./cache-statistics.ts";
import { ZarrError } from "./errors.ts";

let handleOf: (cache: ChunkCache) => NativeCache;

/**
 * Decoded chunks of the arrays that were opened with it, in at most `bytes` bytes of memory. Blosc
 * chunks are decoded block by block, as far as reads need them.
 *
 * Told what will be read, and in which order, it gives up the chunk that is needed last. Chunks of
 * which it knows no further use go before, the least recently used first.
 *
 *     const cache = new ChunkCache({ bytes: 512e6 });
 *     const array = await openArray(path, { cache });
 *     const place = cache.nextPlace(); // for each read to come, as early as it is known
 *     array.expect({ origin, shape, place });
 *     // ...
 *     await array.readInto(memory, { origin, shape, place });
 *
 * Reads in flight of one chunk share one decoding. What could not be read is not kept, nor is a
 * chunk that is missing. A chunk is as it was when it was read: files that another process replaces
 * are not looked at again, those that this process writes, or makes anew, are (`clear` forgets
 * everything).
 */
export class ChunkCache {
  readonly bytes: number;
  readonly #native: NativeCache;

  /** @throws {@link ZarrError} ZARR_BOUNDS. 0 bytes is a cache that keeps nothing. */
  constructor({ bytes }: { readonly bytes: number }) {
    if (!Number.isSafeInteger(bytes) || bytes < 0) {
      const message = `expected a whole number of bytes for a cache of chunks, found ${bytes}`;
      throw new ZarrError("ZARR_BOUNDS", message);
    }
    const { NativeCache } = native();
    this.bytes = bytes;
    this.#native = new NativeCache(bytes);
  }

  /**
   * The next place in the order of the reads to come: 1, 2, ... Reads of several regions that are
   * wanted at the same time may share a place.
   *
   * A read whose place is more than 64 before one that has begun is taken to have been skipped.
   */
  nextPlace(): number {
    return this.#native.nextPlace();
  }

  get statistics(): CacheStatistics {
    return this.#native.statistics();
  }

  /** Forgets all chunks, and all that was announced. What was counted stays. */
  clear(): void {
    this.#native.clear();
  }

  static {
    handleOf = (cache) => cache.#native;
  }
}

/** The addon's side of a cache, for {@link openArray}. */
export function nativeCache(cache: ChunkCache): NativeCache {
  return handleOf(cache);
}
