import { openArray } from "@cell-observatory/zarr";
import { combinations } from "../combinations.ts";
import type { Box } from "../import/image-source.ts";
import { newSamples } from "../tiff/samples.ts";
import type { ImageDescription } from "./describe-image.ts";

/** Chunks that are not there, of those that begin in the box: cells count each chunk once. */
export async function countMissing(
  { array, axes, shape }: ImageDescription,
  own: Box,
): Promise<number> {
  const opened = await openArray(array.path);
  const start = { T: own.origin[0], Z: own.origin[1], Y: own.origin[2], X: own.origin[3], C: 0 };
  const size = { T: own.shape[0], Z: own.shape[1], Y: own.shape[2], X: own.shape[3], C: shape[4] };
  const firsts = [...axes].map((axis, i) => {
    const [from, many] = [start[axis as "T"], size[axis as "T"]];
    const chunk = opened.chunkShape[i] ?? 1;
    const list: number[] = [];
    for (let at = Math.ceil(from / chunk) * chunk; at < from + many; at += chunk) list.push(at);
    return list;
  });
  let missing = 0;
  const one = firsts.map(() => 1);
  const memory = newSamples("float64", 2); // one element of any type
  const bytes = new Uint8Array(memory.buffer);
  for (const origin of combinations(firsts)) {
    const report = await opened.readInto(bytes, { origin, shape: one });
    missing += report.missingChunks;
  }
  return missing;
}
