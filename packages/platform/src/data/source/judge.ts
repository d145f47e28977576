import { DataError } from "../../images/index.ts";
import type { SourceCounts } from "./counts.ts";

type Judged = Pick<SourceCounts, "chunks" | "missingChunks" | "unreadChunks">;

/** Whether nothing of what was read is there. */
export function isNothing({ chunks, missingChunks, unreadChunks }: Judged): boolean {
  return missingChunks + unreadChunks >= chunks;
}

/**
 * @param path - of the array.
 * @param what - a part of the sample, as "of channel 1 ".
 * @throws {@link DataError} DATA_CHUNK for a sample of which nothing was measured.
 */
export function judge(path: string, read: Judged, what = ""): void {
  if (!isNothing(read)) return;
  const how = read.unreadChunks > 0 ? "missing or damaged" : "missing";
  const all = `all ${read.chunks} chunks ${what}are ${how}`;
  throw new DataError("DATA_CHUNK", `${path}: ${all}`);
}
