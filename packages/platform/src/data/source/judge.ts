import { DataError } from "../../images/index.ts";
import type { VoxelBox } from "../batch.ts";
import type { Origin } from "../sample.ts";
import type { SourceCounts } from "./counts.ts";
import { fillBoxes } from "./padding.ts";

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

/**
 * @param size - of the part of a sample that lies in its image, in which `unread` lies.
 * @param what - must be there of a voxel, as "channels and label".
 * @throws {@link DataError} DATA_CHUNK when no voxel is outside of `unread`.
 */
export function judgeRest(
  path: string,
  [T, Z, Y, X]: Origin,
  unread: readonly VoxelBox[],
  what: string,
): void {
  if (unread.length === 0) return;
  const isUnread = new Uint8Array(T * Z * Y * X);
  fillBoxes(isUnread, [T, Z, Y, X, 1], unread, 1);
  if (isUnread.includes(0)) return;
  throw new DataError("DATA_CHUNK", `${path}: no voxel is left whose ${what} could all be read`);
}
