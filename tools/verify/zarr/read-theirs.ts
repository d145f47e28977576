import { join } from "node:path";
import { ChunkCache, openArray, type Region, readSafetensors } from "@cell-observatory/zarr";
import fc from "fast-check";
import { sha256 } from "./sha256.ts";

/**
 * @param names - arrays, and tensors as FILE.safetensors/NAME, below the folder.
 * @returns the SHA-256 of each, or what went wrong.
 */
export async function readTheirs(
  folder: string,
  names: readonly string[],
  seed: number,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of names) {
    const [file = "", tensor = ""] = name.split(/(?<=\.safetensors)\//);
    const reading = file.endsWith(".safetensors")
      ? readSafetensors(join(folder, file)).then(({ tensors }) => tensors.get(tensor)?.bytes)
      : readArray(join(folder, name), seed);
    const hash = reading.then((bytes) => (bytes ? sha256(bytes) : "none"));
    found.set(name, await hash.catch((error: Error) => error.message));
  }
  return found;
}

/** All of it; and crops, through a cache that holds a few chunks, must be parts of the same. */
async function readArray(path: string, seed: number): Promise<Uint8Array> {
  const array = await openArray(path);
  const view = await array.read({ origin: array.shape.map(() => 0), shape: array.shape });
  const whole = new Uint8Array(view.buffer);
  const elements = array.shape.reduce((product, size) => product * size, 1);
  const elementBytes = whole.length / elements;
  const chunkBytes = array.chunkShape.reduce((product, size) => product * size, elementBytes);
  const cached = await openArray(path, { cache: new ChunkCache({ bytes: 3 * chunkBytes + 1000 }) });
  const regions = fc.sample(regionIn(array.shape), { numRuns: 8, seed });
  const readings = regions.map(async (region) => {
    const crop = new Uint8Array(
      region.shape.reduce((product, size) => product * size, elementBytes),
    );
    await cached.readInto(crop, region);
    if (!Buffer.from(crop).equals(cropOf(whole, array.shape, region, elementBytes))) {
      throw new Error(`the crop at ${region.origin} of ${region.shape} is another`);
    }
  });
  await Promise.all(readings);
  return whole;
}

function regionIn(whole: readonly number[]): fc.Arbitrary<Region> {
  const axes = whole.map((size) =>
    fc
      .tuple(fc.integer({ min: 0, max: size - 1 }), fc.integer({ min: 1, max: size }))
      .map(([start, count]) => [start, Math.min(count, size - start)] as const),
  );
  return fc.tuple(...axes).map((drawn) => ({
    origin: drawn.map(([start]) => start),
    shape: drawn.map(([, count]) => count),
  }));
}

function cropOf(
  whole: Uint8Array,
  sizes: readonly number[],
  { origin, shape }: Region,
  elementBytes: number,
): Buffer {
  let starts = [0];
  for (const [axis, size] of sizes.entries()) {
    const [first = 0, count = 0] = [origin[axis], shape[axis]];
    const steps = Array.from({ length: count }, (_, step) => first + step);
    starts = starts.flatMap((start) => steps.map((step) => start * size + step));
  }
  const element = (start: number) =>
    whole.subarray(start * elementBytes, (start + 1) * elementBytes);
  return Buffer.concat(starts.map(element));
}
