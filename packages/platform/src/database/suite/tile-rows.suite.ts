import assert from "node:assert/strict";
import { test } from "node:test";
import type { Database } from "../database.ts";
import type { HypercubeQuery } from "../hypercube-query.ts";
import type { TileRecord } from "../hypercube-record.ts";
import { ask, sorted, suiteRows } from "./suite-rows.fixture.ts";

const ofTiles = { with_hypercubes_dataframe: false } as const;

/** What rows of whole tiles are. */
export function tileRowsSuite(kind: string, open: () => Promise<Database>): void {
  const obvious = (keep: (tile: TileRecord) => boolean) =>
    sorted(suiteRows())
      .map(({ tile }) => tile)
      .filter(keep)
      .map(nameOf);
  const names = async (query: HypercubeQuery) => (await ask(open, query)).map(nameOf);

  test(`${kind}: in tile mode a row is a tile, from its first voxel and frame to its last`, async () => {
    const records = await ask(open, ofTiles);
    assert.deepEqual(
      records.map(nameOf),
      obvious(() => true),
    );
    for (const record of records) {
      const { time_start, z_start, y_start, x_start } = record;
      assert.deepEqual([time_start, z_start, y_start, x_start], [0, 0, 0, 0]);
      const { time_size, z_size, y_size, x_size } = record;
      assert.deepEqual([time_size, z_size, y_size, x_size], [4, 16, 32, 128]);
    }
  });

  const cases: readonly { query: HypercubeQuery; keep: (tile: TileRecord) => boolean }[] = [
    { query: { roi_list: ["roi-1"] }, keep: ({ prepared_id }) => prepared_id === "roi-1" },
    { query: { tile_list: ["b", "x"] }, keep: ({ tile_name }) => tile_name === "b" },
    { query: { tile_list: [] }, keep: () => false },
    { query: { hpf_list: [6.5, 5] }, keep: ({ hpf }) => hpf !== null },
    { query: { synthetic_only: false }, keep: ({ is_synthetic }) => !is_synthetic },
    { query: { location: "exists" }, keep: () => true },
    { query: { num_channels: 1 }, keep: ({ channel_size }) => channel_size === 1 },
    { query: { min_channels: 2 }, keep: ({ channel_size }) => channel_size >= 2 },
    { query: { timepoint_list: [9, 3] }, keep: () => true },
    { query: { timepoint_list: [4] }, keep: () => false },
    { query: { timepoint_list: [] }, keep: () => false },
    { query: { cube_shape: [4, 16, 32, 128] }, keep: () => true },
    { query: { cube_shape: [1, 17, 1, 1] }, keep: () => false },
    { query: { has_annotations: true }, keep: () => true },
    {
      // Cells are in channel 1 of some hypercubes; a tile of one channel has its last in 0.
      query: { has_annotations: true, mask_channel_idx: 1, max_rois: 1 },
      keep: ({ prepared_id }) => prepared_id.includes("DROP"),
    },
    {
      query: { has_annotations: true, mask_channel_idx: -2 },
      keep: ({ channel_size }) => channel_size === 2,
    },
    { query: { has_annotations: true, mask_channel_idx: 5 }, keep: () => false },
  ];
  for (const { query, keep } of cases) {
    test(`${kind}: tiles by ${JSON.stringify(query)}`, async () => {
      assert.deepEqual(await names({ ...ofTiles, ...query }), obvious(keep));
    });
  }

  test(`${kind}: limits count tiles in tile mode, and explain says what each clause leaves`, async () => {
    const all = obvious(() => true);
    assert.deepEqual(await names({ ...ofTiles, max_tiles: 2 }), all.slice(0, 2));
    assert.deepEqual(await names({ ...ofTiles, max_hypercubes: 3 }), all.slice(0, 3));
    await using database = await open();
    const query: HypercubeQuery = {
      ...{ ...ofTiles, roi_list: ["roi-1"], timepoint_list: [1], has_annotations: true },
      max_hypercubes: 2,
    };
    const steps = await database.explain(query);
    assert.deepEqual(
      steps.map(({ clause, remaining }) => [clause, remaining]),
      [
        ["all", 4],
        ["roi_list", 3],
        ["timepoint_list", 3],
        ["has_annotations", 3],
        ["max_hypercubes", 2],
      ],
    );
  });

  test(`${kind}: a tile has the boxes of its hypercubes, merged by cell, in its own voxels`, async () => {
    await using database = await open();
    const boxesOf = async (query: HypercubeQuery) => {
      const found: unknown[] = [];
      const asked = { ...ofTiles, tile_list: ["a"], ...query };
      for await (const { boxes, numRows } of database.hypercubes(asked, { boxes: true })) {
        assert.equal(numRows, boxes?.length);
        found.push(...(boxes ?? []).map((text) => JSON.parse(text ?? "null")));
      }
      return found;
    };
    const first = { 5: [1, 2, 3, 4, 5, 6] };
    const second = { 5: [0, 0, 8, 2, 2, 41], 7: [0, 0, 0, 2, 2, 2] };
    assert.deepEqual(await boxesOf({}), [{ 0: first, 1: second }]);
    assert.deepEqual(await boxesOf({ mask_channel_idx: 0 }), [{ 0: first }]);
    assert.deepEqual(await boxesOf({ mask_channel_idx: -1 }), [{ 1: second }]);
    assert.deepEqual(await boxesOf({ mask_channel_idx: 7 }), [{}]);
  });

  const refused = [
    [{ occupancy_threshold: 0.5 }, /^occupancy_threshold is 0.5, but rows are whole tiles/],
    [{ cdf_threshold: 0 }, /^cdf_threshold is 0, but rows are whole tiles/],
    [{ base_cube_shape: [1, 2, 3, 4] }, /^base_cube_shape is /],
  ] as const;
  test(`${kind}: what whole tiles have no number of is refused in tile mode`, async () => {
    await using database = await open();
    for (const [query, message] of refused) {
      const expected = { code: "CATALOGUE_FILTER", message };
      await assert.rejects(ask(open, { ...ofTiles, ...query }), expected);
      await assert.rejects(database.explain({ ...ofTiles, ...query }), expected);
    }
  });
}

const nameOf = ({ prepared_id, tile_name }: { prepared_id: string; tile_name: string }) =>
  `${prepared_id} ${tile_name}`;
