// What takes memory or files has a limit, and what comes beyond it is served all the same.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { native } from "./binding.ts";
import { createArray } from "./create-array.ts";
import { temporaryFolder } from "./test-arrays.ts";

test("of many shards, 128 at most stay open", {
  skip: process.platform === "linux" ? false : "open files are counted as Linux tells them",
}, async (t) => {
  const path = join(await temporaryFolder(t), "array");
  const layout = { shape: [600], chunkShape: [1], shardShape: [2], dtype: "uint16" } as const;
  const array = await createArray(path, layout);
  const elements = Uint16Array.from({ length: 600 }, (_, i) => i + 1);
  await array.write(elements, { origin: [0], shape: [600] });
  const numOpen = async () => (await readdir("/proc/self/fd")).length;
  const before = await numOpen();
  for (let origin = 0; origin < 600; origin += 100) {
    const part = { origin: [origin], shape: [100] };
    assert.deepEqual(await array.read(part), elements.slice(origin, origin + 100));
  }
  const [after, all] = [await numOpen(), { origin: [0], shape: [600] }];
  assert.ok(after - before <= 128 && after > before, `${before} files were open, ${after} are`);
  assert.deepEqual(await array.read(all), elements);
});

test("reads in flight of more chunks than are kept in a table are served", async (t) => {
  const path = join(await temporaryFolder(t), "array");
  const layout = { shape: [4096], chunkShape: [1], dtype: "uint8", fillValue: 7 } as const;
  const array = await createArray(path, layout);
  const target = () => new Uint8Array(4096);
  const reads = Array.from({ length: 66 }, async () => {
    const memory = target();
    const { missingChunks } = await array.readInto(memory, { origin: [0], shape: [4096] });
    return missingChunks === 4096 && memory.every((element) => element === 7);
  });
  assert.ok((await Promise.all(reads)).every((isRight) => isRight));
});

test("the addon refuses arguments of any other kind, and lives", async (t) => {
  const path = join(await temporaryFolder(t), "array");
  await createArray(path, { shape: [8], chunkShape: [4], dtype: "uint16" });
  const text = "{}";
  const detached = new Uint8Array(16);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  const odd = [
    ...[
      undefined,
      null,
      Number.NaN,
      -1,
      0.5,
      2 ** 53,
      2 ** 64,
      "",
      "a",
      true,
      Symbol(),
      1n,
      [],
      {},
    ],
    ...[
      [Number.NaN],
      [-1],
      [2 ** 63],
      [[]],
      () => 1,
      new Uint8Array(0),
      detached,
      new Float64Array(4),
    ],
  ];
  const addon = native();
  const cache = new addon.NativeCache(100);
  const calls: ((...values: unknown[]) => unknown)[] = [
    (a, b, c, d) => Reflect.construct(addon.NativeArray, [a ?? path, b ?? text, c ?? 3, d]),
    (a) => Reflect.construct(addon.NativeCache, [a]),
    ...(["abort", "waitedFor", "openSafetensors", "saveSafetensors"] as const).map(
      (name) =>
        (...values: unknown[]) =>
          Reflect.apply(addon[name], addon, values),
    ),
    ...(["nextPlace", "statistics", "clear"] as const).map(
      (name) =>
        (...values: unknown[]) =>
          Reflect.apply(cache[name], values[0], values),
    ),
  ];
  const array = new addon.NativeArray(
    path,
    await readFile(join(path, "zarr.json"), "utf8"),
    3,
    cache,
  );
  const memory = new Uint8Array(16);
  for (const [name, usual] of [
    ["read", [1, memory, [0], [8], "fill", [1], 1]],
    ["write", [1, memory, [0], [8], false]],
    ["expect", [[0], [8], 1]],
  ] as const) {
    for (const at of usual.keys()) {
      calls.push((value) => Reflect.apply(array[name], array, usual.with(at, value as never)));
    }
  }
  const outcomes = { refused: 0, taken: 0 };
  for (const call of calls) {
    for (const [at, value] of odd.entries()) {
      const values = odd.map((_, k) => odd[(at + k * 7) % odd.length]);
      for (const args of [[value], [1, value], [1, "a", value], values]) {
        try {
          await call(...args);
          outcomes.taken += 1;
        } catch {
          outcomes.refused += 1;
        }
      }
    }
  }
  assert.ok(outcomes.refused > outcomes.taken, JSON.stringify(outcomes));
});

test("a policy for missing chunks that is none of ours is refused, and fills nothing in", async (t) => {
  const path = join(await temporaryFolder(t), "array");
  const array = await createArray(path, { shape: [8], chunkShape: [4], dtype: "uint16" });
  for (const name of ["", "raise", "Fill", "error "]) {
    const memory = new Uint16Array(8).fill(7);
    const read = array.readInto(memory, {
      origin: [0],
      shape: [8],
      missingChunks: name as "fill",
    });
    const message = new RegExp(`missingChunks to be fill, leave or error, found "${name}"`);
    await assert.rejects(read, { code: "ZARR_BOUNDS", message });
    assert.deepEqual(memory, new Uint16Array(8).fill(7));
  }
});
