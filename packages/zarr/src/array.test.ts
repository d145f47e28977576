import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import type { ZarrArray } from "./array.ts";
import { createArray } from "./create-array.ts";
import { elementBytes } from "./dtype.ts";
import { openArray } from "./open-array.ts";
import type { Region } from "./region.ts";
import {
  elementsOf,
  fixtureArrays,
  fixtureElement,
  indicesOf,
  product,
  temporaryFolder,
  unpacked,
} from "./test-arrays.ts";

const fixtures = await fixtureArrays();

test("every array of zarr-python and TensorStore reads as it was written, whole and in crops", async (t) => {
  const folder = await temporaryFolder(t);
  for (const fixture of fixtures.filter(({ fill }) => fill === undefined)) {
    await t.test(fixture.name, async () => {
      const { dtype, shape } = fixture;
      const array = await openArray(await unpacked(fixture, folder));
      assert.deepEqual([array.shape, array.dtype], [shape, dtype]);
      const whole = await array.read({ origin: shape.map(() => 0), shape });
      const expected = Array.from({ length: product(shape) }, (_, i) => fixtureElement(dtype, i));
      assert.deepEqual(elementsOf(dtype, whole), expected);
      const crop = async (region: Region) => {
        const found = await array.read({ ...region, missingChunks: "error" });
        const wanted = indicesOf(region, shape).map((index) => expected[index]);
        assert.deepEqual(elementsOf(dtype, found), wanted);
      };
      await fc.assert(fc.asyncProperty(regionIn(shape), crop), { numRuns: 12, seed: 1 });
    });
  }
});

test("a missing chunk reads as the fill value, is counted, and can be refused", async (t) => {
  const folder = await temporaryFolder(t);
  for (const fixture of fixtures.filter(({ fill }) => fill !== undefined)) {
    await t.test(fixture.name, async () => {
      const { dtype, fill } = fixture;
      const array = await openArray(await unpacked(fixture, folder));
      const region = { origin: [0], shape: [4] };
      const view = await array.read(region);
      const written = [0, 1].map((index) => fixtureElement(dtype, index));
      assert.deepEqual(elementsOf(dtype, view), [...written, array.fillValue, array.fillValue]);
      assert.equal(JSON.stringify(spelled(array.fillValue)), JSON.stringify(fill));
      const bytes = new Uint8Array(view.byteLength);
      const { chunks, missingChunks } = await array.readInto(bytes, region);
      assert.deepEqual([chunks, missingChunks], [2, 1]);
      const kept = bytes.slice().fill(7);
      const left = await array.readInto(kept, { ...region, missingChunks: "leave" });
      assert.equal(left.missingChunks, 1);
      const half = bytes.length / 2;
      assert.deepEqual(kept.subarray(0, half), bytes.subarray(0, half));
      assert.ok(kept.subarray(half).every((byte) => byte === 7));
      await assert.rejects(array.read({ ...region, missingChunks: "error" }), {
        code: "ZARR_MISSING_CHUNK",
        chunk: [1],
      });
    });
  }
});

test("random crops of random layouts equal a plain reading", async (t) => {
  const folder = await temporaryFolder(t);
  let count = 0;
  const layout = fc.record({
    axes: fc.array(
      fc.record({
        chunk: fc.integer({ min: 1, max: 9 }),
        chunksPerShard: fc.integer({ min: 1, max: 3 }),
        size: fc.integer({ min: 1, max: 20 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    isSharded: fc.boolean(),
    dtype: fc.constantFrom("uint8", "uint16", "float32", "float64"),
    codec: fc.constantFrom("blosc-zstd", "blosc-lz4", "zstd", "gzip", "none"),
    checksum: fc.boolean(),
    seed: fc.integer(),
  });
  await fc.assert(
    fc.asyncProperty(layout, async ({ axes, isSharded, dtype, codec, checksum, seed }) => {
      const shape = axes.map(({ size }) => size);
      const chunkShape = axes.map(({ chunk }) => chunk);
      const shards = axes.map(({ chunk, chunksPerShard }) => chunk * chunksPerShard);
      const shardShape = isSharded ? shards : undefined;
      const options = { shape, chunkShape, shardShape, dtype, codec, checksum } as const;
      const array = await createArray(join(folder, String(count++)), options);
      const bytes = noise(product(shape) * elementBytes(array.dtype), seed);
      await array.write(bytes, { origin: shape.map(() => 0), shape });
      const crop = (region: Region) => assertCrop(array, region, bytes);
      await fc.assert(fc.asyncProperty(regionIn(shape), crop), { numRuns: 4, seed });
    }),
    { numRuns: 60, seed: 2 },
  );
});

test("a read goes straight into shared memory, at an offset, and touches nothing else", async (t) => {
  const array = await movie(await temporaryFolder(t));
  const memory = new Uint16Array(new SharedArrayBuffer(2 * (3 + 24 + 5))).fill(9);
  const region = { origin: [1, 2, 3, 0], shape: [2, 2, 3, 2] };
  const report = await array.readInto(memory, { ...region, byteOffset: 6 });
  assert.equal(report.missingChunks, 0);
  const expected = indicesOf(region, array.shape);
  assert.deepEqual([...memory], [9, 9, 9, ...expected, 9, 9, 9, 9, 9]);
});

test("many crops in flight at once all come out right", async (t) => {
  const array = await movie(await temporaryFolder(t));
  const regions = fc.sample(regionIn(array.shape), { numRuns: 200, seed: 3 });
  const found = await Promise.all(regions.map((region) => array.read(region)));
  for (const [index, region] of regions.entries()) {
    assert.deepEqual([...(found[index] ?? [])], indicesOf(region, array.shape));
  }
});

test("a region of no elements, or of no axes, is read", async (t) => {
  const array = await movie(await temporaryFolder(t));
  const origin = [0, 0, 0, 0];
  assert.equal((await array.read({ origin, shape: [0, 7, 8, 2] })).length, 0);
  const folder = await temporaryFolder(t);
  const scalar = await createArray(join(folder, "s"), { shape: [], chunkShape: [], dtype: "int8" });
  await scalar.write(Int8Array.of(-3), { origin: [], shape: [] });
  assert.deepEqual(await scalar.read({ origin: [], shape: [] }), Int8Array.of(-3));
});

test("a region outside the array is refused, with both in the message", async (t) => {
  const array = await movie(await temporaryFolder(t));
  for (const [origin, shape] of [
    [
      [0, 0, 0, 1],
      [1, 1, 1, 2],
    ],
    [
      [0, -1, 0, 0],
      [1, 1, 1, 1],
    ],
    [
      [0, 0, 0],
      [1, 1, 1],
    ],
    [
      [0, 0, 0, 0.5],
      [1, 1, 1, 1],
    ],
    [
      [0, 0, 0, 0],
      [1, 1, 2 ** 53, 1],
    ],
    [
      [0, 0, 0, 0],
      [1, 1, Number.NaN, 1],
    ],
  ] as const) {
    const message = new RegExp(
      `expected a region inside \\[6, 7, 8, 2\\], found origin \\[${origin.join(", ")}`,
    );
    await assert.rejects(array.read({ origin, shape }), { code: "ZARR_BOUNDS", message });
  }
});

test("memory of another size or type than the region is refused", async (t) => {
  const array = await movie(await temporaryFolder(t));
  const region = { origin: [0, 0, 0, 0], shape: [1, 1, 2, 2] };
  const bounds = { code: "ZARR_BOUNDS", message: /expected memory of 8 bytes .* found [67]/ };
  await assert.rejects(array.readInto(new Uint16Array(3), region), bounds);
  const shifted = { ...region, byteOffset: 2 };
  await assert.rejects(array.readInto(new Uint16Array(4), shifted), bounds);
  const dtype = {
    code: "ZARR_DTYPE",
    message: /expected a Uint16Array or a Uint8Array .* Float32Array/,
  };
  await assert.rejects(array.readInto(new Float32Array(2), region), dtype);
  await assert.rejects(array.write(new Uint16Array(5), region), { code: "ZARR_BOUNDS" });
  const resizable = new Uint16Array(new ArrayBuffer(8, { maxByteLength: 16 }));
  const fixed = { code: "ZARR_BOUNDS", message: /ArrayBuffer of fixed length, found a resizable/ };
  await assert.rejects(array.readInto(resizable, region), fixed);
  const detached = new Uint16Array(4);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  const gone = { code: "ZARR_BOUNDS", message: /found one that was transferred/ };
  await assert.rejects(array.readInto(detached, region), gone);
});

test("a read is aborted by its signal, before and during, with the signal's reason", async (t) => {
  const array = await movie(await temporaryFolder(t));
  const region = { origin: [0, 0, 0, 0], shape: array.shape };
  const reason = new Error("enough");
  await assert.rejects(array.read({ ...region, signal: AbortSignal.abort(reason) }), reason);
  const controller = new AbortController();
  const reads = Array.from({ length: 50 }, () =>
    array.read({ ...region, signal: controller.signal }),
  );
  controller.abort(reason);
  await Promise.all(reads.map((read) => assert.rejects(read, reason)));
  assert.deepEqual([...(await array.read(region))], indicesOf(region, array.shape));
});

test("an array that is not there, and a group, are refused as such", async (t) => {
  const folder = await temporaryFolder(t);
  await assert.rejects(openArray(join(folder, "none")), {
    code: "ZARR_OPEN",
    message: /expected zarr.json or .zarray of an array in .*none, found neither/,
  });
});

test("a shard that is replaced while it is open is read anew, and one that goes is missing", async (t) => {
  const folder = await temporaryFolder(t);
  const options = { shape: [8], chunkShape: [2], shardShape: [8], dtype: "uint16" } as const;
  const first = await createArray(join(folder, "a"), options);
  const region = { origin: [0], shape: [8] };
  await first.write(new Uint16Array(8).fill(1), region);
  assert.deepEqual(await first.read(region), new Uint16Array(8).fill(1));
  const again = await openArray(join(folder, "a"));
  await again.write(new Uint16Array(8).fill(2), region);
  assert.deepEqual(await first.read(region), new Uint16Array(8).fill(2));
  await rm(join(folder, "a/c/0"));
  const report = await first.readInto(new Uint16Array(8), region);
  assert.deepEqual([report.chunks, report.missingChunks], [4, 4]);
});

test("a Worker reads, and may end while its reads are on their way", async (t) => {
  const array = await movie(await temporaryFolder(t));
  const code = `
    import { parentPort } from "node:worker_threads";
    import { openArray } from ${JSON.stringify(new URL("./open-array.ts", import.meta.url))};
    const array = await openArray(${JSON.stringify(array.path)});
    const region = { origin: [0, 0, 0, 0], shape: array.shape };
    const { length } = await array.read(region);
    for (let i = 0; i < 2000; i++) array.readInto(new Uint16Array(length), region).catch(() => {});
    parentPort.postMessage(length);`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
  const length = await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  assert.equal(length, product(array.shape));
  await worker.terminate();
  assert.equal((await array.read({ origin: [0, 0, 0, 0], shape: array.shape })).length, length);
});

/** [6 7 8 2] of uint16, each element its own C-order index. */
async function movie(folder: string): Promise<ZarrArray> {
  const shape = [6, 7, 8, 2];
  const chunkShape = [2, 3, 3, 2];
  const options = { shape, chunkShape, shardShape: [4, 6, 6, 2], dtype: "uint16" } as const;
  const array = await createArray(join(folder, "movie.zarr"), options);
  const data = Uint16Array.from({ length: product(shape) }, (_, index) => index);
  await array.write(data, { origin: [0, 0, 0, 0], shape });
  return array;
}

function regionIn(whole: readonly number[]): fc.Arbitrary<Region> {
  const axes = whole.map((size) =>
    fc.tuple(fc.integer({ min: 0, max: size - 1 }), fc.integer({ min: 1, max: size })),
  );
  return fc.tuple(...axes).map((drawn) => ({
    origin: drawn.map(([start]) => start),
    shape: drawn.map(([start, count], axis) => Math.min(count, (whole[axis] ?? 0) - start)),
  }));
}

async function assertCrop(array: ZarrArray, region: Region, whole: Uint8Array): Promise<void> {
  const size = elementBytes(array.dtype);
  const found = new Uint8Array(product(region.shape) * size);
  await array.readInto(found, region);
  const parts = indicesOf(region, array.shape).map((i) => whole.subarray(i * size, (i + 1) * size));
  assert.ok(Buffer.concat(parts).equals(found), `crop ${JSON.stringify(region)}`);
}

/** Bytes that compress a little. */
function noise(length: number, seed: number): Uint8Array {
  let state = seed | 1;
  return Uint8Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0x1f;
  });
}

function spelled(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
