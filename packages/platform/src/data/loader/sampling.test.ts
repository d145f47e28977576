import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { HypercubeRecord } from "../../database/index.ts";
import { DataError } from "../../images/index.ts";
import { trainingSampler } from "./sampler.ts";
import { shuffledIndex } from "./shuffle.ts";
import { type Split, splitHypercubes } from "./split.ts";
import { recordAt, tableOf } from "./tiles.fixture.ts";

test("a shuffle is a permutation, for every size, seed and epoch", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), fc.nat(1000), (size, seed, epoch) => {
      const order = Array.from({ length: size }, (_, i) => shuffledIndex(i, size, { seed, epoch }));
      assert.deepEqual(
        [...order].sort((a, b) => a - b),
        order.map((_, i) => i),
      );
    }),
  );
});

test("every number comes to every place about equally often", () => {
  const size = 7;
  const counts = Array.from({ length: size * size }, () => 0);
  const rounds = 4900;
  for (let epoch = 0; epoch < rounds; epoch++) {
    for (let i = 0; i < size; i++) {
      const at = i * size + shuffledIndex(i, size, { seed: 5, epoch });
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
  const expected = rounds / size;
  const chiSquare = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  assert.ok(chiSquare < 80, `chi-square ${chiSquare.toFixed(1)} with 36 degrees of freedom`);
});

/** Hypercubes of a tile, `stride` apart. */
function grid(
  tileShape: readonly [number, number, number, number, number],
  cube: readonly [number, number, number, number],
  stride: readonly [number, number, number, number],
): HypercubeRecord[] {
  const starts = (axis: 0 | 1 | 2 | 3) => {
    const count = Math.floor((tileShape[axis] - cube[axis]) / stride[axis]) + 1;
    return Array.from({ length: Math.max(0, count) }, (_, i) => i * stride[axis]);
  };
  return starts(0).flatMap((t) =>
    starts(1).flatMap((z) =>
      starts(2).flatMap((y) => starts(3).map((x) => recordAt("/", [t, z, y, x], cube, tileShape))),
    ),
  );
}

test("no voxel of a training sample is ever in a validation sample, wherever crops fall", async () => {
  const size = fc.integer({ min: 1, max: 4 });
  const tuple = fc.tuple(size, size, size, size);
  let numLookedAt = 0;
  await fc.assert(
    fc.asyncProperty(
      tuple,
      tuple,
      tuple,
      fc.double({ min: 0.05, max: 0.6, noNaN: true }),
      async (tile, c, s, fraction) => {
        const cube = c.map((edge, axis) => Math.min(edge, (tile[axis] ?? 1) * 3)) as typeof c;
        const shape = [...tile.map((edge) => edge * 3), 1] as [
          number,
          number,
          number,
          number,
          number,
        ];
        const records = grid(shape, cube, s);
        const table = await tableOf(records);
        let split: Split;
        try {
          split = await splitHypercubes(table, { fraction, seed: 0 });
        } catch (error) {
          assert.equal(error instanceof DataError && error.code, "DATA_SPLIT", String(error));
          return; // no room for both sides
        }
        numLookedAt += 1;
        const { training, validation, numStraddling } = split;
        assert.equal(training.length + validation.length + numStraddling, records.length);
        const config = { seed: 0, shuffle: true, crop: "random", samplesPerEpoch: 40 } as const;
        const sampler = trainingSampler(table, split, config);
        for (let place = 0; place < 40; place++) {
          const { origin } = sampler.sampleAt(1, place);
          for (const row of validation) {
            const { time_start, z_start, y_start, x_start } = table.recordAt(row);
            const other = [time_start, z_start, y_start, x_start];
            const isApart = cube.some((edge, axis) => {
              return Math.abs((origin[axis] ?? 0) - (other[axis] ?? 0)) >= edge;
            });
            assert.ok(isApart, `sample at ${origin} overlaps the held-out one at ${other}`);
          }
          const isInside = origin.every(
            (o, axis) => o >= 0 && o + (cube[axis] ?? 0) <= (shape[axis] ?? 0),
          );
          assert.ok(isInside);
        }
      },
    ),
    { numRuns: 150 },
  );
  assert.ok(numLookedAt > 75, `${numLookedAt} of 150 had room for both sides`);
});

test("a split of a regular grid holds out the fraction asked for, cut in space rather than time", async () => {
  const records = grid([10, 8, 8, 40, 1], [1, 8, 8, 4], [1, 8, 8, 4]);
  const table = await tableOf(records);
  const split = await splitHypercubes(table, { fraction: 0.2, seed: 0 });
  const { training, validation, numStraddling } = split;
  assert.deepEqual([training.length, validation.length, numStraddling], [80, 20, 0]);
  assert.ok(validation.every((row) => (table.x_start[row] ?? 0) >= 32));
});

test("tiles without room for a cut go to one side whole, by their name and the seed", async () => {
  const [record] = grid([1, 4, 4, 4, 1], [1, 4, 4, 4], [1, 4, 4, 4]);
  assert.ok(record);
  const records = Array.from({ length: 200 }, (_, i) => ({ ...record, tile_name: `tile ${i}` }));
  const heldOut = async (rows: readonly HypercubeRecord[]) => {
    const table = await tableOf(rows);
    const { validation } = await splitHypercubes(table, { fraction: 0.25, seed: 3 });
    return Array.from(validation, (row) => table.recordAt(row).tile_name).sort();
  };
  const names = await heldOut(records);
  assert.ok(names.length > 30 && names.length < 70, `${names.length} of 200`);
  assert.deepEqual(await heldOut([...records].reverse()), names);
  const one = await tableOf([record]);
  await assert.rejects(splitHypercubes(one, { fraction: 0.5, seed: 0 }), {
    code: "DATA_SPLIT",
    message: /expected at least one of each, got/,
  });
});

test("more samples than hypercubes go through all of them again, in another order", async () => {
  const table = await tableOf(grid([1, 1, 1, 10, 1], [1, 1, 1, 1], [1, 1, 1, 1]));
  const split = await splitHypercubes(table, { fraction: 0, seed: 0 });
  const config = { seed: 0, shuffle: true, crop: "grid", samplesPerEpoch: 30 } as const;
  const sampler = trainingSampler(table, split, config);
  const passes = [0, 1, 2].map((pass) =>
    Array.from({ length: 10 }, (_, i) => sampler.sampleAt(0, pass * 10 + i).origin[3]),
  );
  for (const pass of passes) assert.deepEqual([...pass].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.notDeepEqual(passes[0], passes[1]);
});
