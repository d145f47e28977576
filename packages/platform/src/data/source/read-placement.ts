import { type TypedArray, type ZarrArray, ZarrError } from "@cell-observatory/zarr";
import { addCounts, noCounts, type SourceCounts } from "./counts.ts";
import { chunkPlacements, type Placement } from "./placement.ts";

export interface ReadPlacementOptions {
  readonly missingChunks: "fill" | "error";
  /** A chunk that cannot be read: an error, or the chunk is left out and told. */
  readonly unreadable: "raise" | "mask";
  /** As it was announced to the array's cache. */
  readonly place?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a read took, and which parts of it could not be read. */
export interface ReadPlacement {
  readonly counts: SourceCounts;
  readonly unread: readonly Placement[];
}

/**
 * Reads a block into memory of the array's own type. With `mask`, a block with a chunk that cannot be
 * read is read once more, chunk by chunk; memory of chunks that fail is left as it may be.
 *
 * Settles only when no thread writes to the memory any more.
 */
export async function readPlacement(
  array: ZarrArray,
  memory: TypedArray,
  place: Placement,
  { unreadable, ...options }: ReadPlacementOptions,
): Promise<ReadPlacement> {
  const read = ({ offset, ...region }: Placement) => {
    const byteOffset = offset * memory.BYTES_PER_ELEMENT;
    return array.readInto(memory, { ...region, ...options, byteOffset });
  };
  try {
    const counts = { ...noCounts };
    addCounts(counts, await read(place));
    return { counts, unread: [] };
  } catch (error) {
    if (unreadable === "raise" || !isOfChunk(error)) throw error;
  }
  const parts = chunkPlacements(place, array.chunkShape);
  const reads = await Promise.allSettled(parts.map(read));
  options.signal?.throwIfAborted();
  const unread: Placement[] = [];
  const counts = { ...noCounts };
  for (const [i, result] of reads.entries()) {
    const part = parts[i];
    if (result.status === "fulfilled") addCounts(counts, result.value);
    else if (isOfChunk(result.reason) && part) unread.push(part);
    else throw result.reason;
  }
  counts.chunks += unread.length;
  counts.unreadChunks = unread.length;
  return { counts, unread };
}

/** Damage, a chunk that is not there but must be, and storage that fails: what a policy is for. */
function isOfChunk(error: unknown): boolean {
  if (!(error instanceof ZarrError)) return false;
  return ["ZARR_CHUNK", "ZARR_MISSING_CHUNK", "ZARR_IO"].includes(error.code);
}
