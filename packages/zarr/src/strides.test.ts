import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { createArray } from "./create-array.ts";
import { elementBytes } from "./dtype.ts";
import { product, temporaryFolder } from "./test-arrays.ts";

test("a read puts the axes in any order, with room between elements, and touches nothing else", async (t) => {
  const folder = await temporaryFolder(t);
  let count = 0;
  const axis = fc
    .record({ size: fc.integer({ min: 1, max: 9 }), chunk: fc.integer({ min: 1, max: 6 }) })
    .chain(({ size, chunk }) =>
      fc.record({
        size: fc.constant(size),
        chunk: fc.constant(chunk),
        start: fc.integer({ min: 0, max: size - 1 }),
        rank: fc.integer(), // which axis is slower in memory
        gap: fc.integer({ min: 0, max: 1 }),
      }),
    );
  const layout = fc.record({
    axes: fc.array(axis, { minLength: 1, maxLength: 4 }),
    dtype: fc.constantFrom("uint8", "uint16", "float32", "float64", "complex128"),
    codec: fc.constantFrom("blosc-zstd", "blosc-lz4", "zstd", "none"),
    checksum: fc.boolean(),
    isMissing: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(layout, async ({ axes, dtype, codec, checksum, isMissing }) => {
      const shape = axes.map(({ size }) => size);
      const chunkShape = axes.map(({ chunk }) => chunk);
      const path = join(folder, String(count++));
      const array = await createArray(path, {
        ...{ shape, chunkShape, dtype, codec, checksum },
        fillValue: dtype === "complex128" ? [3, 4] : 3,
      });
      const item = elementBytes(dtype);
      const bytes = Uint8Array.from({ length: product(shape) * item }, (_, i) => (i * 37) & 0x3f);
      await array.write(bytes, { origin: shape.map(() => 0), shape });
      if (isMissing) await rm(join(path, "c", ...shape.map(() => "0")), { force: true });

      const region = {
        origin: axes.map(({ start }) => start),
        shape: axes.map(({ start, size }) => size - start),
      };
      const dense = new Uint8Array(product(region.shape) * item);
      const wanted = await array.readInto(dense, region);
      const strides = region.shape.map(() => 0);
      let reach = 1;
      const slowestLast = [...axes.keys()].sort(
        (a, b) => (axes[a]?.rank ?? 0) - (axes[b]?.rank ?? 0),
      );
      for (const a of slowestLast) {
        strides[a] = reach + (axes[a]?.gap ?? 0);
        reach += strides[a] * ((region.shape[a] ?? 1) - 1);
      }
      const found = new Uint8Array(reach * item).fill(0xaa);
      const expected = found.slice();
      for (let at = 0; at < product(region.shape); at++) {
        let [rest, to] = [at, 0];
        for (let a = shape.length - 1; a >= 0; a--) {
          to += (rest % (region.shape[a] ?? 1)) * (strides[a] ?? 0);
          rest = Math.floor(rest / (region.shape[a] ?? 1));
        }
        expected.set(dense.subarray(at * item, (at + 1) * item), to * item);
      }
      const report = await array.readInto(found, { ...region, strides });
      const { storageMs, decodeMs } = wanted;
      assert.deepEqual({ ...report, storageMs, decodeMs }, wanted);
      assert.deepEqual(found, expected);
    }),
    { numRuns: 120, seed: 4 },
  );
});

test("strides at which elements meet, or that leave the memory, are refused", async (t) => {
  const path = join(await temporaryFolder(t), "array");
  const array = await createArray(path, { shape: [4, 4], chunkShape: [2, 2], dtype: "uint16" });
  const region = { origin: [0, 0], shape: [4, 4] };
  const refused = { code: "ZARR_BOUNDS" };
  for (const strides of [[1, 1], [0, 1], [3, 1], [4], [-4, 1], [4, 0.5], [4, 2 ** 53], [8, 1]]) {
    await assert.rejects(array.readInto(new Uint16Array(16), { ...region, strides }), refused);
  }
  await array.readInto(new Uint16Array(16), { ...region, strides: [1, 4] });
  await array.readInto(new Uint16Array(0), { origin: [0, 0], shape: [0, 4], strides: [0, 0] });
});
