import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bricksOf } from "./bricks.ts";
import { brickOrder } from "./epoch-order.ts";
import { trainingSampler } from "./sampler.ts";
import { splitHypercubes } from "./split.ts";
import { recordAt, tableOf } from "./tiles.fixture.ts";

/** Hypercubes of 8^3, 4 apart, in two tiles of 64 x 64 x 64. */
async function neighbours() {
  const starts = Array.from({ length: 15 }, (_, i) => 4 * i);
  const shape = [1, 64, 64, 64, 1] as const;
  return await tableOf(
    ["a", "b"].flatMap((tile_name) =>
      starts.flatMap((z) =>
        starts.flatMap((y) =>
          starts.map((x) => ({ ...recordAt("/", [0, z, y, x], [1, 8, 8, 8], shape), tile_name })),
        ),
      ),
    ),
  );
}

test("bricks hold every row once, and rows of one block of one tile alone", async () => {
  const table = await neighbours();
  const rows = Int32Array.from({ length: table.numRows }, (_, i) => i).filter(
    (row) => row % 3 !== 1,
  );
  const { members, starts } = bricksOf(table, rows, 16);
  assert.deepEqual(
    [...members].sort((a, b) => a - b),
    [...rows.keys()],
  );
  assert.equal(starts.at(-1), rows.length);
  assert.equal(starts.length - 1, 2 * 4 ** 3);
  for (let brick = 0; brick + 1 < starts.length; brick++) {
    const inside = [...members.subarray(starts[brick], starts[brick + 1])].map((i) => rows[i] ?? 0);
    const block = (row: number) =>
      [table.z_start, table.y_start, table.x_start].map((s) => Math.floor((s[row] ?? 0) / 16));
    const first = inside[0] ?? 0;
    for (const row of inside) {
      assert.equal(table.tile[row], table.tile[first]);
      assert.deepEqual(block(row), block(first));
    }
  }
});

test("an order of bricks is a permutation in every epoch, whatever was asked before", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 8 }), fc.nat(), (counts, window, seed) => {
      const starts = new Int32Array(counts.length + 1);
      counts.forEach((count, i) => {
        starts[i + 1] = (starts[i] ?? 0) + count;
      });
      const size = starts.at(-1) ?? 0;
      const members = Int32Array.from({ length: size }, (_, i) => i);
      const order = brickOrder({ members, starts }, { seed, window });
      const epochOf = (epoch: number) =>
        Array.from({ length: size }, (_, index) => order({ epoch, pass: 0, index }));
      const first = epochOf(0);
      assert.deepEqual(
        first.toSorted((a, b) => a - b),
        [...members],
      );
      epochOf(1);
      assert.deepEqual(epochOf(0), first);
      const again = brickOrder({ members, starts }, { seed, window });
      const last = size - 1;
      assert.equal(again({ epoch: 0, pass: 0, index: last }), first[last]);
    }),
    { numRuns: 100 },
  );
});

test("reads of a pass, and announcements of the next, do not make their tables anew each time", () => {
  const numBricks = 200;
  const plain = Int32Array.from({ length: numBricks + 1 }, (_, i) => 2 * i);
  let numLooks = 0;
  const starts = new Proxy(plain, {
    get: (target, name) => {
      numLooks += 1;
      return Reflect.get(target, name);
    },
  });
  const members = Int32Array.from({ length: 2 * numBricks }, (_, i) => i);
  const order = brickOrder({ members, starts }, { seed: 3, window: 1 });
  const one = Array.from({ length: 40 }, (_, index) => order({ epoch: 0, pass: 0, index }));
  const two = Array.from({ length: 40 }, (_, index) => order({ epoch: 0, pass: 1, index }));
  numLooks = 0;
  for (let index = 0; index < 40; index++) {
    assert.equal(order({ epoch: 0, pass: 1, index }), two[index]);
    assert.equal(order({ epoch: 0, pass: 0, index }), one[index]);
  }
  assert.ok(numLooks < 80 * 20, `${numLooks} looks at ${numBricks} bricks`);
});

test("with locality, samples that follow each other need far fewer blocks of the image", async () => {
  const table = await neighbours();
  const split = await splitHypercubes(table, { fraction: 0, seed: 0 });
  const config = { seed: 4, shuffle: true, crop: "grid", samplesPerEpoch: null } as const;
  /** Blocks of 16^3 that are touched by each 128 samples in a row, on average. */
  const blocksOf = (locality: { edge: number; window: number } | null) => {
    const sampler = trainingSampler(table, split, { ...config, locality });
    const windows = Math.floor(sampler.samplesPerEpoch / 128);
    let touched = 0;
    for (let w = 0; w < windows; w++) {
      const blocks = new Set<string>();
      for (let place = w * 128; place < (w + 1) * 128; place++) {
        const { record, origin } = sampler.sampleAt(2, place);
        const corners = [0, 7].flatMap((z) => [0, 7].flatMap((y) => [0, 7].map((x) => [z, y, x])));
        for (const corner of corners) {
          const block = corner.map((step, i) => Math.floor((step + (origin[i + 1] ?? 0)) / 16));
          blocks.add(`${record.tile_name} ${block.join()}`);
        }
      }
      touched += blocks.size;
    }
    return touched / windows;
  };
  const [near, anywhere] = [blocksOf({ edge: 16, window: 2 }), blocksOf(null)];
  assert.ok(near < 0.4 * anywhere, `${near} blocks of ${anywhere}`);
});
