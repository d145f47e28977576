// Damaged rows and side-cars, by seed: rows come, or an error that says what is wrong. More of them by
// hand: CELLO_MUTATIONS=20000 CELLO_SEED=7 node --test packages/platform/src/database/cached/mutated.test.ts

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { DuckDbDatabase } from "../duckdb/duckdb-database.ts";
import { CatalogueError } from "../errors.ts";
import { HypercubeTable } from "../hypercube-table.ts";
import { requireCached } from "./cached-question.ts";
import { type Draw, drawOf, mutated } from "./mutated.fixture.ts";

const numMutations = Number(process.env.CELLO_MUTATIONS ?? 40);
const seed = Number(process.env.CELLO_SEED ?? 1);
const folder = mkdtempSync(join(tmpdir(), "cello-mutated-"));
after(() => rmSync(folder, { recursive: true }));
const fixture = (name: string) => readFileSync(join(import.meta.dirname, "fixtures", name));
const [rows, rois, sideCar] = ["reference.csv", "reference_rois.csv", "reference.json"].map(
  fixture,
);
const path = join(folder, "rows.csv");

/** Runs each mutation, and counts those that were taken; any error but one of ours is a fault. */
async function takenOf(count: number, use: (draw: Draw) => Promise<void> | void): Promise<number> {
  let numTaken = 0;
  for (let number = 0; number < count; number++) {
    try {
      await use(drawOf(seed * 1_000_003 + number));
      numTaken += 1;
    } catch (error) {
      const isOurs = error instanceof CatalogueError && error.message.length < 20_000;
      assert.ok(isOurs, `mutation ${number} of seed ${seed}: ${String(error).slice(0, 500)}`);
    }
  }
  return numTaken;
}

/** No place that a reader of voxels could not believe. */
async function read(): Promise<void> {
  await using database = await DuckDbDatabase.open({ catalogue_path: path });
  const query = { has_annotations: true, cdf_threshold: 1, occupancy_threshold: 0 } as const;
  for (const one of [{}, query]) {
    const table = await HypercubeTable.from(database.hypercubes(one));
    for (const { tile_shape, ...record } of table.records()) {
      const starts = [record.time_start, record.z_start, record.y_start, record.x_start];
      const sizes = [record.time_size, record.z_size, record.y_size, record.x_size];
      for (const [axis, start] of starts.entries()) {
        const end = start + (sizes[axis] ?? 0);
        assert.ok(
          start >= 0 && end > start && end <= (tile_shape[axis] ?? 0),
          `${starts} ${sizes}`,
        );
      }
    }
  }
}

test("damaged rows come as rows, or as an error that says what is wrong", async () => {
  assert.ok(rows && rois);
  const before = process.resourceUsage().maxRSS;
  const numTaken = await takenOf(numMutations, async (draw) => {
    const isOfRows = draw(4) > 0;
    writeFileSync(path, isOfRows ? mutated(rows, draw) : rows);
    writeFileSync(join(folder, "rows_rois.csv"), isOfRows ? rois : mutated(rois, draw));
    await read();
  });
  console.log(`rows: ${numTaken} of ${numMutations} mutations were taken`);
  assert.ok(numTaken > 0 && numTaken < numMutations);
  const grown = (process.resourceUsage().maxRSS - before) / 2 ** 10;
  assert.ok(grown < 200, `${grown} MiB more`);
});

test("a damaged side-car is understood, or an error says what is wrong", async () => {
  assert.ok(sideCar);
  const count = 20 * numMutations;
  const numTaken = await takenOf(count, (draw) => {
    writeFileSync(join(folder, "side.json"), mutated(sideCar, draw));
    requireCached(join(folder, "side.csv"), { roi_list: ["7"], synthetic_only: false });
  });
  console.log(`side-cars: ${numTaken} of ${count} mutations were taken`);
  assert.ok(numTaken > 0 && numTaken < count);
});
