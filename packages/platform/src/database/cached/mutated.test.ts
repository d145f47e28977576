// Damaged rows and side-cars, by seed: rows come, or an error that says what is wrong. More of them by
// hand: CELLO_MUTATIONS=20000 CELLO_SEED=7 node --test packages/platform/src/database/cached/mutated.test.ts

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { requireCached } from "./cached-question.ts";
import { type Draw, drawOf, mutated } from "./mutated.fixture.ts";
import { isRefusal, readPlaces } from "./read-places.fixture.ts";

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
      assert.ok(
        isRefusal(error),
        `mutation ${number} of seed ${seed}: ${String(error).slice(0, 500)}`,
      );
    }
  }
  return numTaken;
}

test("damaged rows come as rows, or as an error that says what is wrong", async () => {
  assert.ok(rows && rois);
  const before = process.resourceUsage().maxRSS;
  const numTaken = await takenOf(numMutations, async (draw) => {
    const isOfRows = draw(4) > 0;
    writeFileSync(path, isOfRows ? mutated(rows, draw) : rows);
    writeFileSync(join(folder, "rows_rois.csv"), isOfRows ? rois : mutated(rois, draw));
    await readPlaces(path);
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
