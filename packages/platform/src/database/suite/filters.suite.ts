import assert from "node:assert/strict";
import { test } from "node:test";
import type { Database } from "../database.ts";
import type { HypercubeQuery } from "../hypercube-query.ts";
import { ask, type Flat, flatRows, hasCells, nameOf } from "./suite-rows.fixture.ts";

/** What each filter of a query keeps, and what is said of it. */
export function filtersSuite(kind: string, open: () => Promise<Database>): void {
  const obvious = (keep: (row: Flat) => boolean) => flatRows().filter(keep).map(nameOf);
  const cases: readonly { name: string; query: HypercubeQuery; keep: (row: Flat) => boolean }[] = [
    { name: "without a filter all rows come", query: {}, keep: () => true },
    {
      name: "a list of ROIs keeps those",
      query: { roi_list: ["roi-1"] },
      keep: (row) => row.prepared_id === "roi-1",
    },
    {
      name: "a name that is SQL is just a name",
      query: { roi_list: ["roi'; DROP TABLE tiles; --"], tile_list: ["WHERE 1=1", "' OR 1=1"] },
      keep: (row) => row.tile_name === "WHERE 1=1",
    },
    { name: "an empty list keeps nothing", query: { tile_list: [] }, keep: () => false },
    {
      name: "a list of time points alone filters",
      query: { timepoint_list: [2] },
      keep: (row) => row.time_start === 2,
    },
    { name: "hours filter", query: { hpf_list: [6.5] }, keep: (row) => row.hpf === 6.5 },
    { name: "synthetic alone", query: { synthetic_only: true }, keep: (row) => row.is_synthetic },
    { name: "measured alone", query: { synthetic_only: false }, keep: (row) => !row.is_synthetic },
    {
      name: "annotated alone: by its boxes, or where nobody has looked for them, its tile's labels",
      query: { has_annotations: true },
      keep: (row) => (row.mask_bbox_dict ? hasCells(row.mask_bbox_dict) : row.labels_path !== null),
    },
    {
      name: "occupancy of channel 0 is its least frame's",
      query: { occupancy_threshold: 0.3 },
      keep: (row) => Math.min(...(row.occupancy_ratios[0] ?? [])) >= 0.3,
    },
    {
      name: "occupancy of channel 1 keeps no row that has no channel 1",
      query: { occupancy_threshold: 0.1, occupancy_threshold_filter_type: "min_ch1" },
      keep: (row) => Math.min(...(row.occupancy_ratios[1] ?? [-1])) >= 0.1,
    },
    {
      name: "occupancy of all channels",
      query: { occupancy_threshold: 0.2, occupancy_threshold_filter_type: "min_all" },
      keep: (row) => Math.min(...row.occupancy_ratios.flat()) >= 0.2,
    },
    {
      name: "a percentile of channel 0",
      query: { cdf_threshold: 150, cdf_target: 95 },
      keep: (row) => (row.cdf_95[0] ?? 0) >= 150,
    },
    {
      name: "a percentile of channel 1",
      query: { cdf_threshold: 160, cdf_target: 99, cdf_threshold_filter_type: "min_ch1" },
      keep: (row) => (row.cdf_99[1] ?? 0) >= 160,
    },
    {
      name: "storage that all tiles are in",
      query: { location: "exists" },
      keep: () => true,
    },
    {
      name: "a percentile of all channels",
      query: { cdf_threshold: 120, cdf_threshold_filter_type: "min_all" },
      keep: (row) => Math.min(...row.cdf_90) >= 120,
    },
    {
      name: "a shape",
      query: { cube_shape: [2, 16, 32, 32] },
      keep: (row) => row.x_size === 32,
    },
    {
      name: "a number of channels",
      query: { num_channels: 1 },
      keep: (row) => row.channel_size === 1,
    },
    {
      name: "two channels at least",
      query: { min_channels: 2 },
      keep: (row) => row.channel_size >= 2,
    },
  ];
  for (const { name, query, keep } of cases) {
    test(`${kind}: ${name}`, async () => {
      assert.deepEqual((await ask(open, query)).map(nameOf), obvious(keep));
    });
  }

  test(`${kind}: limits keep the first ROIs, tiles and rows in the order of the catalogue`, async () => {
    const all = flatRows();
    const first = all[0]?.prepared_id;
    const names = async (query: HypercubeQuery) => (await ask(open, query)).map(nameOf);
    assert.deepEqual(
      await names({ max_rois: 1 }),
      all.filter((row) => row.prepared_id === first).map(nameOf),
    );
    assert.deepEqual(
      await names({ roi_list: ["roi-1"], max_tiles: 1 }),
      all.filter((row) => row.tile_name === "a").map(nameOf),
    );
    assert.deepEqual(await names({ max_hypercubes: 3 }), all.slice(0, 3).map(nameOf));
    assert.deepEqual(await names({ max_hypercubes: 0 }), []);
    assert.deepEqual(await names({ max_tiles: 0 }), []);
  });

  test(`${kind}: explain says what each clause leaves`, async () => {
    await using database = await open();
    const query: HypercubeQuery = { roi_list: ["roi-1"], timepoint_list: [0], max_hypercubes: 2 };
    const all = flatRows();
    const inRoi = all.filter((row) => row.prepared_id === "roi-1");
    const atZero = inRoi.filter((row) => row.time_start === 0);
    const counts = [
      { clause: "all", removed: 0, remaining: all.length },
      { clause: "extent", removed: 0, remaining: all.length },
      { clause: "roi_list", removed: all.length - inRoi.length, remaining: inRoi.length },
      {
        clause: "timepoint_list",
        removed: inRoi.length - atZero.length,
        remaining: atZero.length,
      },
      { clause: "max_hypercubes", removed: atZero.length - 2, remaining: 2 },
    ];
    assert.deepEqual(await database.explain(query), counts);
  });

  test(`${kind}: statistics come as numbers, NaN where there are none`, async () => {
    await using database = await open();
    const rows = flatRows();
    let at = 0;
    for await (const { numRows, statistics } of database.hypercubes({}, { channels: 2 })) {
      for (let i = 0; i < numRows; i++, at++) {
        const row = rows[at];
        for (const c of [0, 1]) {
          const frames = row?.occupancy_ratios[c];
          const least = frames ? Math.min(...frames) : Number.NaN;
          assert.equal(statistics[`min_occupancy_ratios_ch_${c}`]?.[i], least);
          assert.equal(statistics[`cdf_80_ch_${c}`]?.[i], row?.cdf_80[c] ?? Number.NaN);
        }
      }
    }
    assert.equal(at, rows.length);
  });
}
