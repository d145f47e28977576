// Scenario R18: files that are replaced, cut short or deleted while they are read.

import assert from "node:assert/strict";
import { cp, rename, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ChunkCache } from "./chunk-cache.ts";
import { createArray } from "./create-array.ts";
import { ZarrError } from "./errors.ts";
import { openArray } from "./open-array.ts";
import { temporaryFolder } from "./test-arrays.ts";

const shape = [8, 64, 64];
const whole = { origin: [0, 0, 0], shape };

for (const shardShape of [undefined, [8, 64, 64]]) {
  for (const bytes of [0, 20_000, 1e6]) {
    const kind = shardShape ? "shards" : "chunks";
    test(`${kind} that change under ${bytes} bytes of cache give one of their states, or an error`, async (t) => {
      const folder = await temporaryFolder(t);
      const layout = { shape, chunkShape: [4, 32, 32], shardShape, dtype: "uint16" } as const;
      const states = await Promise.all(
        [1, 2].map(async (state) => {
          const array = await createArray(join(folder, String(state)), layout);
          const elements = Uint16Array.from({ length: 8 * 64 * 64 }, (_, i) => (i % 7) * 2 + state);
          await array.write(elements, whole);
          return { path: array.path, elements };
        }),
      );
      const path = join(folder, "live");
      await cp(states[0]?.path ?? "", path, { recursive: true });
      const file = join(path, shardShape ? "c/0/0/0" : "c/1/1/0");
      let isDone = false;
      const found = { states: 0, missing: 0, refused: 0 };
      const read = async () => {
        while (!isDone) {
          const cache = new ChunkCache({ bytes });
          const array = await openArray(path, { cache });
          for (let k = 0; k < 5; k++) {
            const memory = new Uint16Array(8 * 64 * 64);
            try {
              const { missingChunks } = await array.readInto(memory, whole);
              found[missingChunks > 0 ? "missing" : "states"] += 1;
              assertStates(memory, states, missingChunks);
            } catch (error) {
              assert.ok(error instanceof ZarrError && error.code === "ZARR_CHUNK", String(error));
              found.refused += 1;
            }
          }
        }
      };
      const readers = [read(), read()];
      for (let round = 0; round < 60; round++) {
        const next = join(folder, "next");
        const from = states[round % 2]?.path ?? "";
        await cp(join(from, file.slice(path.length)), next);
        if (round % 5 === 3) await truncate(file, 40);
        if (round % 5 === 4) await rm(file);
        await rename(next, file);
      }
      isDone = true;
      await Promise.all(readers);
      assert.ok(found.states > 0);
    });
  }
}

for (const missingChunks of ["fill", "leave", "error"] as const) {
  test(`an array that is deleted while it is open is no array of missing chunks (${missingChunks})`, async (t) => {
    const folder = await temporaryFolder(t);
    for (const shardShape of [undefined, shape]) {
      for (const zarrFormat of shardShape ? ([3] as const) : ([2, 3] as const)) {
        const layout = { shape, chunkShape: [4, 32, 32], shardShape, dtype: "uint16" } as const;
        const { path } = await createArray(join(folder, "live"), { ...layout, zarrFormat });
        const cache = new ChunkCache({ bytes: 1e6 });
        for (const array of [await openArray(path), await openArray(path, { cache })]) {
          const memory = new Uint16Array(8 * 64 * 64).fill(9);
          if (missingChunks !== "error") {
            const report = await array.readInto(memory, { ...whole, missingChunks });
            assert.equal(report.missingChunks, 8);
          }
        }
        const open = [await openArray(path), await openArray(path, { cache })];
        await rm(path, { recursive: true });
        for (const array of open) {
          const read = array.readInto(new Uint16Array(8 * 64 * 64), { ...whole, missingChunks });
          await assert.rejects(read, { code: "ZARR_IO", path, message: /it is gone/ });
        }
      }
    }
  });
}

/** Each chunk is of one state, or zeros where it is missing. */
function assertStates(
  memory: Uint16Array,
  states: readonly { readonly elements: Uint16Array }[],
  missing: number,
): void {
  let zeros = 0;
  for (const z of [0, 4]) {
    for (const y of [0, 32]) {
      for (const x of [0, 32]) {
        const chunk = chunkOf(memory, z, y, x);
        if (chunk.every((value) => value === 0)) {
          zeros += 1;
          continue;
        }
        const isOne = states.some(({ elements }) => {
          const expected = chunkOf(elements, z, y, x);
          return chunk.every((value, at) => value === expected[at]);
        });
        assert.ok(isOne, `the chunk at ${z}, ${y}, ${x} is a mixture`);
      }
    }
  }
  assert.equal(zeros, missing);
}

function chunkOf(elements: Uint16Array, z: number, y: number, x: number): readonly number[] {
  const found: number[] = [];
  for (let dz = 0; dz < 4; dz++) {
    for (let dy = 0; dy < 32; dy++) {
      const start = ((z + dz) * 64 + y + dy) * 64 + x;
      found.push(...elements.subarray(start, start + 32));
    }
  }
  return found;
}
