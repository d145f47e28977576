import assert from "node:assert/strict";
import { test } from "node:test";
import type { HypercubeRecord } from "../../database/index.ts";
import { splitHypercubes } from "./split.ts";
import type { SplitBy } from "./split-key.ts";
import { recordAt, tableOf } from "./tiles.fixture.ts";

const shape = [1, 8, 8, 32, 1] as const;

/** Hypercubes of 8^3 side by side (or `stride` apart), of 6 tiles in 3 ROIs in 2 folders. */
async function tables(stride = 8) {
  const records: HypercubeRecord[] = [];
  for (const [roi, folder] of [["r1", "a"] as const, ["r2", "a"] as const, ["r3", "b"] as const]) {
    for (const tile_name of ["t1", "t2"]) {
      for (let x = 0; x + 8 <= 32; x += stride) {
        const place = recordAt("/data", [0, 0, 0, x], [1, 8, 8, 8], shape);
        const output_folder = `${folder}/${roi}`;
        records.push({ ...place, prepared_id: roi, output_folder, tile_name });
      }
    }
  }
  return await tableOf(records.map((r) => ({ ...r, output_folder: r.output_folder.charAt(0) })));
}

for (const [by, keyOf] of [
  ["tile", (r: HypercubeRecord) => `${r.prepared_id}/${r.tile_name}`],
  ["roi", (r: HypercubeRecord) => r.prepared_id],
  ["specimen", (r: HypercubeRecord) => r.output_folder],
] as const) {
  test(`a split by ${by} keeps each ${by} on one side, and holds out at least one`, async () => {
    // Two ROIs of one folder share names of tiles: other arrays, since their folders differ.
    const table = await tables();
    const distinct = await tableOf(
      [...table.records()].map((r) => ({ ...r, tile_name: `${r.prepared_id}-${r.tile_name}` })),
    );
    for (let seed = 0; seed < 20; seed++) {
      const split = await splitHypercubes(distinct, { fraction: 0.2, seed, by });
      const keys = (rows: Int32Array) =>
        new Set(Array.from(rows, (row) => keyOf(distinct.recordAt(row))));
      const [training, validation] = [keys(split.training), keys(split.validation)];
      assert.ok(validation.size >= 1 && training.size >= 1);
      assert.equal(training.intersection(validation).size, 0);
      assert.equal(split.training.length + split.validation.length, distinct.numRows);
    }
  });
}

test("sides stay as they are when the data move elsewhere", async () => {
  const records = [...(await tables()).records()].map((record, i) => ({
    ...record,
    tile_name: `tile ${i}`,
    output_folder: `specimen ${i >> 1}`,
  }));
  for (const by of ["cut", "row", "tile", "roi", "specimen"] as const) {
    for (let seed = 0; seed < 10; seed++) {
      const heldOutIn = async (server_folder: string) => {
        const table = await tableOf(records.map((record) => ({ ...record, server_folder })));
        return (await splitHypercubes(table, { fraction: 0.4, seed, by })).validation;
      };
      assert.deepEqual(await heldOutIn("/scratch/elsewhere"), await heldOutIn("/data"), by);
    }
  }
});

test("a split by row holds out about the fraction, whatever the order of the rows", async () => {
  const records = Array.from({ length: 2000 }, (_, i) =>
    recordAt("/", [i, 0, 0, 0], [1, 8, 8, 8], [2000, 8, 8, 8, 1]),
  );
  const heldOut = async (rows: readonly HypercubeRecord[]) => {
    const table = await tableOf(rows);
    const { validation } = await splitHypercubes(table, { fraction: 0.3, seed: 5, by: "row" });
    return Array.from(validation, (row) => table.time_start[row] ?? -1).sort((a, b) => a - b);
  };
  const frames = await heldOut(records);
  assert.ok(frames.length > 500 && frames.length < 700, `${frames.length} of 2000`);
  assert.deepEqual(await heldOut(records.toReversed()), frames);
});

test("hypercubes of both sides that share voxels are an error that names two of them", async () => {
  const overlapping = await tables(4);
  await assert.rejects(splitHypercubes(overlapping, { fraction: 0.4, seed: 1, by: "row" }), {
    code: "DATA_SPLIT",
    message:
      /^r\d\/t\d@t0z0y0x\d+ would be trained on and r\d\/t\d@t0z0y0x\d+ held out, but they share voxels$/,
    hint: /split_by=cut/,
  });
  const twice = await tables(); // r1 and r2 have the same folder, and so the same arrays
  const splits = async (by: SplitBy) => {
    for (let seed = 0; seed < 20; seed++) await splitHypercubes(twice, { fraction: 0.3, seed, by });
  };
  await assert.rejects(splits("roi"), { code: "DATA_SPLIT", message: /but they share voxels/ });
  await splits("specimen");
});

test("crops of a split by row do not move into their neighbours", async () => {
  const table = await tables();
  const split = await splitHypercubes(table, { fraction: 0.3, seed: 1, by: "cut" });
  const first = split.training[0] ?? 0;
  assert.ok((split.partOf(first).to[3] ?? 0) < 32);
  const single = await tableOf([...table.records()].filter((r) => r.prepared_id === "r3"));
  const rows = await splitHypercubes(single, { fraction: 0.4, seed: 2, by: "row" });
  for (const row of rows.training) {
    const x = single.x_start[row] ?? 0;
    assert.deepEqual(rows.partOf(row), { from: [0, 0, 0, x], to: [1, 8, 8, x + 8] });
  }
});

test("a split by a key of which there is one is refused", async () => {
  const table = await tables();
  const one = await tableOf([...table.records()].filter((r) => r.prepared_id === "r3"));
  await assert.rejects(splitHypercubes(one, { fraction: 0.2, seed: 0, by: "roi" }), {
    code: "DATA_SPLIT",
    message: "all 8 hypercubes are of one roi, r3; a split by roi needs two at least",
  });
});
