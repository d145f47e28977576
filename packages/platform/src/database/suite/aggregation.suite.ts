import assert from "node:assert/strict";
import { test } from "node:test";
import type { Database } from "../database.ts";
import type { HypercubeQuery } from "../hypercube-query.ts";
import { ask, collect, flatRows, suiteRows } from "./suite-rows.fixture.ts";

/** How hypercubes are put together of blocks. */
export function aggregationSuite(kind: string, open: () => Promise<Database>): void {
  test(`${kind}: hypercubes are put together of blocks, each voxel counting once`, async () => {
    await using database = await open();
    const query: HypercubeQuery = {
      roi_list: ["roi-1"],
      tile_list: ["a"],
      base_cube_shape: [2, 16, 32, 32],
      cube_shape: [4, 16, 32, 64],
    };
    const [batch] = await collect(database.hypercubes(query, { channels: 2 }));
    assert.ok(batch);
    // Blocks at 0 and 32 make one; the one at 64 is wider than a block, and not on the grid.
    const { numRows, time_start, x_start, time_size, x_size } = batch;
    assert.deepEqual(
      [numRows, time_start[0], x_start[0], time_size[0], x_size[0]],
      [1, 0, 0, 4, 64],
    );
    const blocks = flatRows().filter((row) => row.tile_name === "a" && row.x_start < 64);
    for (const channel of [0, 1]) {
      const frames = [0, 1, 2, 3].map((frame) => {
        const ratios = blocks
          .filter(({ time_start }) => time_start === 2 * Math.floor(frame / 2))
          .map(({ occupancy_ratios }) => occupancy_ratios[channel]?.[frame % 2] ?? 0);
        return ratios.reduce((a, b) => a + b) / ratios.length;
      });
      const least = batch.statistics[`min_occupancy_ratios_ch_${channel}`]?.[0] ?? 0;
      assert.ok(Math.abs(least - Math.min(...frames)) < 1e-12);
      const counts = blocks.map(({ cdf_95 }) => cdf_95[channel] ?? 0);
      assert.equal(batch.statistics[`cdf_95_ch_${channel}`]?.[0], Math.min(...counts));
    }
    assert.deepEqual(
      (await database.explain(query)).slice(-4).map(({ clause, remaining }) => [clause, remaining]),
      [
        ["base_cube_shape", 4],
        ["aggregate", 1],
        ["complete", 1],
        ["cube_shape", 1],
      ],
    );
  });

  test(`${kind}: hypercubes that lack a block are dropped, or kept where that is asked for`, async () => {
    const base_cube_shape = [2, 16, 32, 32] as const;
    const query: HypercubeQuery = { base_cube_shape, cube_shape: [4, 16, 32, 96] };
    assert.equal((await ask(open, query)).length, 0);
    const kept = await ask(open, { ...query, incomplete_hypercubes: "keep" });
    assert.deepEqual(
      kept.map(({ x_size, x_start }) => [x_start, x_size]),
      suiteRows().map(() => [0, 96]),
    );
  });

  test(`${kind}: a block that is there twice does not stand for one that is missing`, async () => {
    const query: HypercubeQuery = {
      tile_list: ["c"],
      base_cube_shape: [2, 16, 32, 32],
      cube_shape: [4, 16, 32, 64],
    };
    assert.equal((await ask(open, query)).length, 0);
    assert.equal((await ask(open, { ...query, incomplete_hypercubes: "keep" })).length, 1);
  });

  test(`${kind}: boxes of the blocks are merged, in voxels of the hypercube`, async () => {
    await using database = await open();
    const query: HypercubeQuery = {
      ...{ roi_list: ["roi-1"], tile_list: ["a"], has_annotations: true },
      ...{ base_cube_shape: [2, 16, 32, 32], cube_shape: [2, 16, 32, 64] },
    };
    const found: unknown[] = [];
    for await (const { boxes, time_start } of database.hypercubes(query, { boxes: true })) {
      found.push(...(boxes ?? []).map((text, row) => [time_start[row], JSON.parse(text ?? "{}")]));
    }
    assert.deepEqual(found, [
      [0, { 0: { 5: [1, 2, 3, 4, 5, 6] } }],
      [2, { 1: { 5: [0, 0, 8, 2, 2, 41], 7: [0, 0, 0, 2, 2, 2] } }],
    ]);
  });

  test(`${kind}: hypercubes that are no whole number of blocks are refused`, async () => {
    const query = { base_cube_shape: [2, 16, 32, 32], cube_shape: [4, 16, 32, 48] } as const;
    await assert.rejects(ask(open, query), {
      code: "CATALOGUE_SHAPE",
      message: /4 x 16 x 32 x 48 .* no whole number of blocks of 2 x 16 x 32 x 32/,
    });
  });
}
