import { createHash } from "node:crypto";
import { join } from "node:path";
import { ChunkCache, createArray, openArray, type ZarrArray } from "@cell-observatory/zarr";
import { cropBytes, cropShape as shape, type Work } from "./work.ts";

const inFlight = 8;
const slots = Array.from({ length: inFlight }, () =>
  new Uint16Array(new SharedArrayBuffer(cropBytes)).fill(1),
);

/** What reading a list of crops took. */
export interface Took {
  readonly seconds: number;
  /** Of processors, all threads together. */
  readonly cpuSeconds: number;
}

/**
 * Reads with `inFlight` crops on their way at any time; the cache begins empty. `look` is called with
 * each crop, while the others are on their way.
 */
export async function readAll(
  work: Work,
  look: (index: number, crop: Uint16Array) => void = () => {},
): Promise<Took> {
  const { array, cache } = await opened(work);
  const [begin, cpuBegin] = [performance.now(), process.cpuUsage()];
  const crops = work.origins.map((origin) => {
    const place = cache?.nextPlace();
    if (place !== undefined) array.expect({ origin, shape, place });
    return { origin, shape, place };
  });
  let next = 0;
  const fill = async (slot: Uint16Array) => {
    for (let index = next++; index < crops.length; index = next++) {
      const crop = crops[index];
      if (crop) await array.readInto(slot, crop);
      look(index, slot);
    }
  };
  await Promise.all(slots.map(fill));
  const { user, system } = process.cpuUsage(cpuBegin);
  return { seconds: (performance.now() - begin) / 1e3, cpuSeconds: (user + system) / 1e6 };
}

/** Reads as `readAll` does when it is measured. */
export async function assertSameCrops(work: Work, hashes: readonly string[] | null): Promise<void> {
  await readAll(work, (index, crop) => {
    const found = createHash("sha256").update(Uint16Array.from(crop)).digest("hex");
    if (found === hashes?.[index]) return;
    throw new Error(`crop ${index} at ${work.origins[index]} is not what the peer reads`);
  });
}

/** The same volume as `createArray` and `cello data import` write it: not sharded, and in one shard. */
export async function writeAsWeDo(folder: string, from: string): Promise<void> {
  const array = await openArray(join(folder, from));
  const { shape, chunkShape, dtype } = array;
  const region = { origin: shape.map(() => 0), shape };
  const elements = await array.read(region);
  for (const [name, shardShape] of [
    ["ours.zarr", undefined],
    ["ours-shard.zarr", shape],
  ] as const) {
    const ours = await createArray(join(folder, name), { shape, chunkShape, shardShape, dtype });
    await ours.write(elements, region);
  }
}

async function opened(work: Work): Promise<{ array: ZarrArray; cache: ChunkCache | undefined }> {
  const cache = work.cacheBytes > 0 ? new ChunkCache({ bytes: work.cacheBytes }) : undefined;
  return { array: await openArray(work.file, { cache }), cache };
}
