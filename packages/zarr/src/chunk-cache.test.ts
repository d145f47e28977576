import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import type { ZarrArray } from "./array.ts";
import type { ArrayLayout } from "./array-document.ts";
import { ChunkCache } from "./chunk-cache.ts";
import { createArray } from "./create-array.ts";
import { openArray } from "./open-array.ts";
import { temporaryFolder } from "./test-arrays.ts";

/** Bytes of a cached chunk of `line`, its place in the tables included. */
const chunkBytes = 4 * 2 + 256;
const numChunks = 12;

/** Twelve chunks of four: 0 0 0 0, 1 1 1 1, ... */
async function line(t: TestContext, cache?: ChunkCache, layout: Partial<ArrayLayout> = {}) {
  const path = join(await temporaryFolder(t), "line");
  const shape = [4 * numChunks];
  const written = await createArray(path, { shape, chunkShape: [4], dtype: "uint16", ...layout });
  const elements = Uint16Array.from({ length: 4 * numChunks }, (_, i) => Math.floor(i / 4));
  await written.write(elements, { origin: [0], shape });
  return openArray(path, { cache });
}

async function readChunk(array: ZarrArray, chunk: number, place?: number): Promise<boolean> {
  const found = new Uint16Array(4);
  const report = await array.readInto(found, { origin: [4 * chunk], shape: [4], place });
  assert.deepEqual([...found], new Array(4).fill(chunk));
  return report.cachedChunks === 1;
}

/** How many of the reads find their chunk, by looking through all that is to come each time. */
function hitsOfBelady(order: readonly number[], room: number): number {
  const kept = new Set<number>();
  let hits = 0;
  for (const [at, chunk] of order.entries()) {
    const next = (other: number) => {
      const place = order.indexOf(other, at + 1);
      return place < 0 ? Number.POSITIVE_INFINITY : place;
    };
    if (kept.has(chunk)) hits += 1;
    else kept.add(chunk);
    if (kept.size <= room) continue;
    kept.delete([...kept].reduce((a, b) => (next(b) > next(a) ? b : a)));
  }
  return hits;
}

function hitsOfLru(order: readonly number[], room: number): number {
  const kept: number[] = [];
  let hits = 0;
  for (const chunk of order) {
    const at = kept.indexOf(chunk);
    if (at >= 0) {
      hits += 1;
      kept.splice(at, 1);
    }
    kept.push(chunk);
    if (kept.length > room) kept.shift();
  }
  return hits;
}

const orders = fc.record({
  order: fc.array(fc.nat(numChunks - 1), { minLength: 1, maxLength: 60 }),
  room: fc.integer({ min: 1, max: 8 }),
});

test("in an order that was announced, no cache of its size would hit more often", async (t) => {
  const path = (await line(t)).path;
  const one = fc.asyncProperty(orders, async ({ order, room }) => {
    const cache = new ChunkCache({ bytes: room * chunkBytes });
    const array = await openArray(path, { cache });
    const places = order.map((chunk) => {
      const place = cache.nextPlace();
      array.expect({ origin: [4 * chunk], shape: [4], place });
      return place;
    });
    let hits = 0;
    for (const [at, chunk] of order.entries()) {
      hits += Number(await readChunk(array, chunk, places[at]));
    }
    assert.equal(hits, hitsOfBelady(order, room));
    const { bytes, mostBytes, misses, expected } = cache.statistics;
    assert.deepEqual([cache.statistics.hits, misses], [hits, order.length - hits]);
    assert.ok(bytes <= mostBytes && mostBytes <= cache.bytes);
    assert.equal(expected, 0);
  });
  await fc.assert(one, { numRuns: 100, seed: 1 });
});

test("in an order that was not announced, the least recently used chunk goes", async (t) => {
  const path = (await line(t)).path;
  const one = fc.asyncProperty(orders, async ({ order, room }) => {
    const cache = new ChunkCache({ bytes: room * chunkBytes });
    const array = await openArray(path, { cache });
    let hits = 0;
    for (const chunk of order) hits += Number(await readChunk(array, chunk));
    assert.equal(hits, hitsOfLru(order, room));
    assert.ok(cache.statistics.mostBytes <= cache.bytes);
  });
  await fc.assert(one, { numRuns: 60, seed: 2 });
});

test("crops of any layout, many in flight, are the same with a cache of any size", async (t) => {
  const folder = await temporaryFolder(t);
  const shape = [9, 20, 33];
  const elements = Uint16Array.from({ length: 9 * 20 * 33 }, (_, i) => (i * 2654435761) >>> 24);
  const chunked = { shape, chunkShape: [4, 8, 16], dtype: "uint16" } as const;
  for (const codec of ["blosc-zstd", "blosc-lz4", "zstd", "gzip", "none"] as const) {
    for (const [index, options] of [
      { checksum: false },
      { checksum: true, shardShape: [8, 16, 32] },
    ].entries()) {
      const path = join(folder, `${codec}-${index}`);
      const plain = await createArray(path, { ...chunked, codec, ...options });
      await plain.write(elements, { origin: [0, 0, 0], shape });
      for (const bytes of [0, 3 * 1280, 8 * 1280, 1e6]) {
        const cache = new ChunkCache({ bytes });
        const array = await openArray(path, { cache });
        const regions = fc.sample(
          fc
            .tuple(
              ...shape.map((size) => fc.tuple(fc.nat(size - 1), fc.integer({ min: 1, max: size }))),
            )
            .map((axes) => ({
              origin: axes.map(([start]) => start),
              shape: axes.map(([start, count], axis) =>
                Math.min(count, (shape[axis] ?? 0) - start),
              ),
            })),
          { numRuns: 40, seed: bytes },
        );
        const places = regions.map((region, at) => {
          if (at % 3 === 0) return undefined;
          const place = cache.nextPlace();
          array.expect({ ...region, place });
          return place;
        });
        const read = async (region: (typeof regions)[number], at: number) => {
          const found = new Uint16Array(region.shape.reduce((a, b) => a * b));
          await array.readInto(found, { ...region, place: places[at] });
          return found;
        };
        const found = await Promise.all(regions.map(read));
        for (const [at, region] of regions.entries()) {
          assert.deepEqual(
            found[at],
            await plain.read(region),
            `${codec} ${JSON.stringify(region)}`,
          );
        }
        await array.read({ origin: [0, 0, 0], shape });
        await array.read({ origin: [0, 0, 0], shape });
        const { mostBytes, hits, expected } = cache.statistics;
        assert.ok(mostBytes <= bytes, `${mostBytes} of ${bytes}`);
        assert.ok(bytes < 1e6 || hits > 0);
        assert.equal(expected, 0);
      }
    }
  }
});

test("reads in flight of one chunk share one decoding", async (t) => {
  const cache = new ChunkCache({ bytes: 1e6 });
  const array = await line(t, cache);
  const stored = (await readFile(join(array.path, "c/5"))).length;
  const region = { origin: [20], shape: [4] };
  const reads = Array.from({ length: 40 }, () => array.readInto(new Uint16Array(4), region));
  const reports = await Promise.all(reads);
  assert.equal(
    reports.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
    stored,
  );
});

test("of a blosc chunk only the blocks that reads need are decoded, and kept", async (t) => {
  const path = join(await temporaryFolder(t), "a");
  const layout = { shape: [64, 64, 64], chunkShape: [64, 64, 64], dtype: "uint16" } as const;
  const written = await createArray(path, { ...layout, checksum: false });
  const noise = Uint16Array.from({ length: 64 ** 3 }, (_, i) => Math.imul(i, 2654435761) >>> 20);
  await written.write(noise, { origin: [0, 0, 0], shape: layout.shape });
  const array = await openArray(path, { cache: new ChunkCache({ bytes: 1e6 }) });
  const slab = async (z: number) => {
    const memory = new Uint16Array(64 * 64);
    const report = await array.readInto(memory, { origin: [z, 0, 0], shape: [1, 64, 64] });
    assert.deepEqual(memory, noise.subarray(64 * 64 * z, 64 * 64 * (z + 1)));
    return report;
  };
  const whole = (await readFile(join(path, "c/0/0/0"))).length;
  const first = await slab(0);
  assert.ok(first.storedBytes > 0 && first.storedBytes < whole / 4, `${first.storedBytes}`);
  assert.ok(first.storageMs > 0 && first.decodeMs > 0, `${first.storageMs}, ${first.decodeMs}`);
  const again = await slab(0);
  assert.partialDeepStrictEqual(again, { storedBytes: 0, cachedChunks: 1, storageMs: 0 });
  assert.ok(again.decodeMs > 0, "to copy it takes time too");
  assert.equal((await slab(60)).cachedChunks, 0);
  assert.equal((await slab(0)).cachedChunks, 1);
});

test("a chunk that could not be read is not kept, and is right once its file is whole", async (t) => {
  const cache = new ChunkCache({ bytes: 1e6 });
  const array = await line(t, cache);
  const file = join(array.path, "c/3");
  const bytes = await readFile(file);
  await truncate(file, 10);
  await assert.rejects(readChunk(array, 3), { code: "ZARR_CHUNK" });
  assert.deepEqual([cache.statistics.chunks, cache.statistics.bytes], [0, 0]);
  await writeFile(file, bytes);
  assert.equal(await readChunk(array, 3), false);
  assert.equal(await readChunk(array, 3), true);
});

test("a missing chunk is not kept: it is counted each time, and read once it is there", async (t) => {
  const cache = new ChunkCache({ bytes: 1e6 });
  const array = await line(t, cache);
  const file = join(array.path, "c/3");
  const bytes = await readFile(file);
  await rm(file);
  for (const _ of [1, 2]) {
    const report = await array.readInto(new Uint16Array(4), { origin: [12], shape: [4] });
    assert.deepEqual([report.missingChunks, report.cachedChunks], [1, 0]);
  }
  assert.equal(cache.statistics.chunks, 0);
  await writeFile(file, bytes);
  assert.equal(await readChunk(array, 3), false);
});

for (const shardShape of [undefined, [16]]) {
  test(`what the process writes is read, not what was kept${shardShape ? ", in a shard" : ""}`, async (t) => {
    const cache = new ChunkCache({ bytes: 1e6 });
    const array = await line(t, cache, { shardShape });
    await readChunk(array, 1);
    await readChunk(array, 2);
    const other = await openArray(array.path);
    await other.write(new Uint16Array(4).fill(77), { origin: [4], shape: [4] });
    assert.deepEqual(await array.read({ origin: [4], shape: [4] }), new Uint16Array(4).fill(77));
    assert.equal(await readChunk(array, 2), true);
  });
}

test("writes and reads at once never give a mixture of two states of a chunk", async (t) => {
  const cache = new ChunkCache({ bytes: 1e6 });
  const array = await line(t, cache);
  const region = { origin: [8], shape: [4] };
  const other = await openArray(array.path);
  let isDone = false;
  const reading = (async () => {
    while (!isDone) {
      const found = (await array.read(region)) as Uint16Array;
      assert.ok(
        found.every((value) => value === found[0]),
        `${found}`,
      );
    }
  })();
  for (let round = 100; round < 160; round++) {
    await other.write(new Uint16Array(4).fill(round), region);
    assert.equal((await array.read(region))[0], round);
  }
  isDone = true;
  await reading;
});

test("a read that was announced and never comes does not keep its chunk for ever", async (t) => {
  const cache = new ChunkCache({ bytes: chunkBytes });
  const array = await line(t, cache);
  array.expect({ origin: [0], shape: [4], place: cache.nextPlace() });
  await readChunk(array, 0); // unplanned: its chunk is kept for the read that was announced
  const order = Array.from({ length: 90 }, () => {
    const place = cache.nextPlace();
    array.expect({ origin: [4], shape: [4], place });
    return place;
  });
  for (const place of order) await readChunk(array, 1, place);
  assert.ok(cache.statistics.hits > 10);
});

test("what is cleared is read anew, and nothing is announced any more", async (t) => {
  const cache = new ChunkCache({ bytes: 1e6 });
  const array = await line(t, cache);
  array.expect({ origin: [0], shape: [48], place: cache.nextPlace() });
  await readChunk(array, 0);
  assert.deepEqual([cache.statistics.chunks, cache.statistics.expected], [1, 12]);
  cache.clear();
  assert.deepEqual([cache.statistics.chunks, cache.statistics.expected], [0, 0]);
  assert.equal(cache.statistics.bytes, 0);
  assert.equal(await readChunk(array, 0), false);
});

test("arrays share a cache, and an array that is opened twice shares its chunks", async (t) => {
  const cache = new ChunkCache({ bytes: 1e6 });
  const a = await line(t, cache);
  const b = await line(t, cache);
  await readChunk(a, 0);
  assert.equal(await readChunk(b, 0), false);
  assert.equal(await readChunk(await openArray(a.path, { cache }), 0), true);
});

test("a read that is aborted leaves the cache as it should be", async (t) => {
  const cache = new ChunkCache({ bytes: 3 * chunkBytes });
  const array = await line(t, cache);
  for (let round = 0; round < 50; round++) {
    const stop = new AbortController();
    const region = { origin: [0], shape: [48], signal: stop.signal };
    const reads = Array.from({ length: 4 }, () => array.read(region));
    stop.abort(new Error("enough"));
    await Promise.all(reads.map((read) => assert.rejects(read, /enough/)));
    const { bytes, mostBytes, chunks } = cache.statistics;
    assert.ok(mostBytes <= cache.bytes && bytes === chunks * chunkBytes);
  }
  for (let chunk = 0; chunk < numChunks; chunk++) await readChunk(array, chunk);
});

test("a cache serves a Worker, and reads that are on their way when it ends", async (t) => {
  const { path } = await line(t);
  const code = `
    import { parentPort } from "node:worker_threads";
    import { ChunkCache, openArray } from ${JSON.stringify(new URL("./index.ts", import.meta.url))};
    const cache = new ChunkCache({ bytes: ${3 * chunkBytes} });
    const array = await openArray(${JSON.stringify(path)}, { cache });
    const region = { origin: [0], shape: [48] };
    await array.read(region);
    for (let i = 0; i < 1000; i++) array.readInto(new Uint16Array(48), region).catch(() => {});
    parentPort.postMessage(cache.statistics.mostBytes);`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
  const [mostBytes] = await once(worker, "message");
  assert.ok(mostBytes > 0 && mostBytes <= 3 * chunkBytes);
  await worker.terminate();
});

test("a size that is none, and a region outside the array, are refused", async (t) => {
  for (const bytes of [-1, 0.5, Number.NaN, 2 ** 53]) {
    assert.throws(() => new ChunkCache({ bytes }), { code: "ZARR_BOUNDS", message: /found/ });
  }
  const array = await line(t, new ChunkCache({ bytes: 0 }));
  const outside = { origin: [47], shape: [2], place: 1 };
  assert.throws(() => array.expect(outside), { code: "ZARR_BOUNDS" });
  for (const place of [0, -1, 0.5, Number.NaN]) {
    const region = { origin: [0], shape: [1], place };
    const refusal = { code: "ZARR_BOUNDS", message: /expected a place that the cache gave/ };
    assert.throws(() => array.expect(region), refusal);
    await assert.rejects(array.readInto(new Uint16Array(1), region), refusal);
  }
  array.expect({ origin: [0], shape: [0], place: 1 }); // of nothing, nothing is announced
  assert.equal(await readChunk(array, 0), false);
  assert.equal(await readChunk(array, 0), false);
});

test("an array that is made anew in the same place has nothing of the old one's in a cache", async (t) => {
  for (const shardShape of [undefined, [8]]) {
    const cache = new ChunkCache({ bytes: 1e6 });
    const array = await line(t, cache, { shardShape });
    await readChunk(array, 7);
    const options = { shape: array.shape, chunkShape: [4], dtype: "uint16", shardShape } as const;
    await createArray(array.path, { ...options, overwrite: true });
    for (const handle of [array, await openArray(array.path, { cache })]) {
      const found = await handle.read({ origin: [28], shape: [4] });
      assert.deepEqual([...found], [0, 0, 0, 0]);
    }
  }
});
