import { ChunkCache, openArray, type ZarrArray } from "@cell-observatory/zarr";
import { cropBytes, cropShape as shape, type Work } from "./work.ts";

const inFlight = 8;
const slots = Array.from({ length: inFlight }, () =>
  new Uint16Array(new SharedArrayBuffer(cropBytes)).fill(1),
);

/** @returns seconds, with `inFlight` crops on their way at any time; the cache begins empty. */
export async function readAll(work: Work): Promise<number> {
  const { array, cache } = await opened(work);
  const begin = performance.now();
  const crops = work.origins.map((origin) => {
    const place = cache?.nextPlace();
    if (place !== undefined) array.expect({ origin, shape, place });
    return { origin, shape, place };
  });
  let next = 0;
  const fill = async (slot: Uint16Array) => {
    for (let crop = crops[next++]; crop; crop = crops[next++]) await array.readInto(slot, crop);
  };
  await Promise.all(slots.map(fill));
  return (performance.now() - begin) / 1000;
}

export async function assertSameSums(work: Work, sums: readonly number[] | null): Promise<void> {
  const { array } = await opened(work);
  const [slot] = slots;
  if (!slot) throw new Error("expected memory for a crop");
  for (const [index, origin] of work.origins.entries()) {
    await array.readInto(slot, { origin, shape });
    const sum = slot.reduce((total, value) => total + value, 0);
    if (sum === sums?.[index]) continue;
    throw new Error(`crop ${index} at ${origin}: expected the sum ${sums?.[index]}, found ${sum}`);
  }
}

async function opened(work: Work): Promise<{ array: ZarrArray; cache: ChunkCache | undefined }> {
  const cache = work.cacheBytes > 0 ? new ChunkCache({ bytes: work.cacheBytes }) : undefined;
  return { array: await openArray(work.file, { cache }), cache };
}
