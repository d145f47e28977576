import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import type { HypercubeRecord, HypercubeTable } from "../../database/index.ts";
import { DataError } from "../../images/index.ts";
import { arrayNumbers } from "./array-numbers.ts";
import { trainingSampler } from "./sampler.ts";
import { type Split, splitHypercubes } from "./split.ts";
import type { SplitBy } from "./split-key.ts";
import { recordAt, tableOf } from "./tiles.fixture.ts";

/** Hypercubes of 4 voxels along X, `stride` apart from `first` on, of an array of `length`. */
function line({
  folder = "/",
  roi = "a",
  length = 20,
  first = 0,
  last = 20,
  stride = 4,
} = {}): HypercubeRecord[] {
  const records: HypercubeRecord[] = [];
  for (let x = first; x + 4 <= Math.min(last, length); x += stride) {
    const record = recordAt(folder, [0, 0, 0, x], [1, 4, 4, 4], [1, 4, 4, length, 1]);
    records.push({ ...record, prepared_id: roi });
  }
  return records;
}

/** Voxels along X that a side's samples can ever be in; crops move as they are asked to. */
function trainedOn(table: HypercubeTable, split: Split, crop: "grid" | "random"): Set<number> {
  const config = { seed: 0, shuffle: true, crop, samplesPerEpoch: 30 * split.training.length };
  const sampler = trainingSampler(table, split, config);
  const places = Array.from({ length: sampler.samplesPerEpoch }, (_, place) => place);
  const starts = places.map((place) => sampler.sampleAt(0, place).origin[3]);
  return new Set(starts.flatMap((x) => [x, x + 1, x + 2, x + 3]));
}

function heldOutIn(table: HypercubeTable, { validation }: Split): Set<number> {
  const starts = Array.from(validation, (row) => table.x_start[row] ?? 0);
  return new Set(starts.flatMap((x) => [x, x + 1, x + 2, x + 3]));
}

/** Null when the sides cannot be kept apart, which is said. */
async function splitOf(table: HypercubeTable, fraction: number, seed: number, by: SplitBy) {
  try {
    return await splitHypercubes(table, { fraction, seed, by });
  } catch (error) {
    assert.equal(error instanceof DataError && error.code, "DATA_SPLIT", String(error));
    return null;
  }
}

for (const by of ["cut", "row", "tile", "roi"] as const) {
  test(`by ${by}, what one name of an array holds out is not trained on under another`, async () => {
    let numLookedAt = 0;
    const stride = fc.constantFrom(1, 2, 4, 8);
    const run = async (a: number, b: number, length: number, apart: boolean, seed: number) => {
      const half = 4 * Math.floor(length / 8); // beside each other, the names share no voxel
      const first = line({ roi: "a", length, stride: a, last: apart ? half : length });
      const second = line({ roi: "b", length, stride: b, first: apart ? half : 0, last: length });
      const table = await tableOf([...first, ...second]);
      const split = await splitOf(table, 0.3, seed, by);
      if (split === null) return;
      numLookedAt += 1;
      const heldOut = heldOutIn(table, split);
      const trained = trainedOn(table, split, by === "row" ? "grid" : "random");
      assert.deepEqual([...trained.intersection(heldOut)], []);
    };
    const length = fc.integer({ min: 8, max: 40 });
    const property = fc.asyncProperty(stride, stride, length, fc.boolean(), fc.nat(9), run);
    await fc.assert(property, { numRuns: 120, seed: 1 });
    assert.ok(numLookedAt > 10, `${numLookedAt} of 120 splits`);
  });
}

test("an array without room for a cut is on one side, under all of its names", async () => {
  const whole = Array.from({ length: 60 }, (_, i) =>
    ["a", "b"].flatMap((name) => line({ folder: `/${i}`, roi: `${i}${name}`, length: 4 })),
  ).flat();
  const table = await tableOf(whole);
  const { training, validation } = await splitHypercubes(table, { fraction: 0.3, seed: 2 });
  const folders = (rows: Int32Array) =>
    new Set(Array.from(rows, (row) => table.recordAt(row).server_folder));
  assert.equal(folders(training).intersection(folders(validation)).size, 0);
  assert.ok(validation.length > 10);
});

test("an array that links lead to is one array, and a path that is not there is itself", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "cello-links-"));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "far", "tile.ome.zarr", "0"), { recursive: true });
  await mkdir(join(folder, "near"));
  const image = join(folder, "far", "tile.ome.zarr");
  await symlink(image, join(folder, "near", "tile.ome.zarr"), "dir");
  const table = await tableOf([
    ...line({ folder: join(folder, "far") }),
    ...line({ folder: join(folder, "near") }),
    ...line({ folder: join(folder, "gone") }),
    ...line({ folder: join(folder, "gone"), roi: "b" }),
    ...line({ folder: join(folder, "gone too") }),
  ]);
  assert.deepEqual([...(await arrayNumbers(table))], [0, 0, 1, 1, 2]);
  const two = await tableOf([
    ...line({ folder: join(folder, "far") }),
    ...line({ folder: join(folder, "near") }),
  ]);
  const splits = Array.from({ length: 5 }, (_, seed) => splitOf(two, 0.3, seed, "tile"));
  assert.deepEqual(new Set(await Promise.all(splits)), new Set([null]));
  await assert.rejects(
    arrayNumbers(two, { signal: AbortSignal.abort(new Error("enough")) }),
    /enough/,
  );
});
