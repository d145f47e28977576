import assert from "node:assert/strict";
import { test } from "node:test";
import type { Database } from "./database.ts";
import type { HypercubeQuery } from "./hypercube-query.ts";
import type { HypercubeRecord, HypercubeStatistics, TileRecord } from "./hypercube-record.ts";
import { HypercubeTable } from "./hypercube-table.ts";

/** Tiles and hypercubes that a database under test is filled with. */
export interface SuiteRows {
  readonly tile: TileRecord;
  readonly hypercubes: readonly HypercubeStatistics[];
}

/**
 * Four tiles in two ROIs; one channel in the third, two in the others. The last has blocks twice, and
 * lacks those that would be beside them. Numbers are missing (NaN) in some rows.
 */
export function suiteRows(): SuiteRows[] {
  return [
    rowsOf({ prepared_id: "roi-1", tile_name: "b", hpf: 5, is_synthetic: false }),
    rowsOf({ prepared_id: "roi-1", tile_name: "a", hpf: 6.5, labels_path: null }),
    rowsOf({ prepared_id: "roi'; DROP TABLE tiles; --", tile_name: "WHERE 1=1", channel_size: 1 }),
    twiceAndLacking(rowsOf({ prepared_id: "roi-1", tile_name: "c" })),
  ];
}

function twiceAndLacking({ tile, hypercubes }: SuiteRows): SuiteRows {
  const times = (x: number) => ({ 0: 2, 32: 0 })[x] ?? 1;
  const copies = hypercubes.flatMap((cube) =>
    Array.from({ length: times(cube.x_start) }, () => cube),
  );
  return { tile, hypercubes: copies };
}

/** What every database must do with {@link suiteRows} in it. */
export function databaseSuite(kind: string, open: () => Promise<Database>): void {
  const ask = async (query: HypercubeQuery): Promise<HypercubeRecord[]> => {
    await using database = await open();
    return [...(await HypercubeTable.from(database.hypercubes(query))).records()];
  };
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
      assert.deepEqual((await ask(query)).map(nameOf), obvious(keep));
    });
  }

  test(`${kind}: limits keep the first ROIs, tiles and rows in the order of the catalogue`, async () => {
    const all = flatRows();
    const first = all[0]?.prepared_id;
    const names = async (query: HypercubeQuery) => (await ask(query)).map(nameOf);
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
    assert.equal((await ask(query)).length, 0);
    const kept = await ask({ ...query, incomplete_hypercubes: "keep" });
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
    assert.equal((await ask(query)).length, 0);
    assert.equal((await ask({ ...query, incomplete_hypercubes: "keep" })).length, 1);
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
    await assert.rejects(ask(query), {
      code: "CATALOGUE_SHAPE",
      message: /4 x 16 x 32 x 48 .* no whole number of blocks of 2 x 16 x 32 x 32/,
    });
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

  test(`${kind}: a loop that is left early, and again, leaves nothing behind`, async () => {
    await using database = await open();
    for (let round = 0; round < 20; round++) {
      for await (const { numRows } of database.hypercubes({})) {
        assert.ok(numRows > 0);
        break;
      }
    }
    assert.equal((await ask({})).length, flatRows().length);
  });

  test(`${kind}: tiles come with everything that was stored`, async () => {
    await using database = await open();
    const tiles = await collect(database.tiles());
    const stored = sorted(suiteRows()).map(({ tile }) => ({ ...tile, server_folder: "/server" }));
    assert.deepEqual(tiles, stored);
  });

  test(`${kind}: closing it under a query ends the query with an error`, async () => {
    const database = await open();
    const rows = database.hypercubes({})[Symbol.asyncIterator]();
    await rows.next();
    const late = collect(database.hypercubes({}));
    late.catch(() => {}); // it is awaited below
    await database[Symbol.asyncDispose]();
    await assert.rejects(late, { code: "CATALOGUE_QUERY" });
  });

  test(`${kind}: a query that is aborted ends with the reason`, async () => {
    await using database = await open();
    const reason = new Error("enough");
    const read = collect(database.hypercubes({}, { signal: AbortSignal.abort(reason) }));
    await assert.rejects(read, reason);
  });
}

async function collect<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const all: Row[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

const hasCells = (boxes: string): boolean =>
  Object.values(JSON.parse(boxes) as object).some((cells) => Object.keys(cells).length > 0);

/** Boxes by x, then frame: cells, looked at without a cell, or (at 64) nobody has looked. */
const suiteBoxes: Readonly<Record<string, string>> = {
  "0 0": JSON.stringify({ 0: { 5: [1, 2, 3, 4, 5, 6] }, 1: {} }),
  "0 2": JSON.stringify({ 1: { 5: [0, 0, 8, 2, 2, 9], 7: [0, 0, 0, 2, 2, 2] } }),
  "32 0": "{}",
  "32 2": JSON.stringify({ 0: {}, 1: { 5: [0, 1, 1, 2, 2, 9] } }),
};

type Flat = TileRecord & HypercubeStatistics;

const sorted = (rows: readonly SuiteRows[]) =>
  [...rows].sort((a, b) => (nameOf(a.tile) < nameOf(b.tile) ? -1 : 1));

function nameOf(row: TileRecord | HypercubeRecord): string {
  const place = "z_start" in row ? [row.z_start, row.x_start, row.time_start] : [];
  return [row.prepared_id, row.tile_name, ...place].join(" ");
}

/** All rows, the slow and obvious way; names of ROIs sort as their bytes do. */
function flatRows(): Flat[] {
  return sorted(suiteRows()).flatMap(({ tile, hypercubes }) =>
    hypercubes.map((cube) => ({ ...tile, ...cube })),
  );
}

function rowsOf(given: Partial<TileRecord>): SuiteRows {
  const tile: TileRecord = {
    prepared_id: "roi",
    tile_name: "tile",
    server_folder: "/server",
    output_folder: "out",
    array_path: "0",
    axes: "TZYXC",
    labels_path: "labels/cells",
    tracks_path: null,
    time_size: 4,
    z_size: 16,
    y_size: 32,
    x_size: 128,
    channel_size: 2,
    dtype: "uint16",
    z_um: 0.8,
    y_um: 0.4,
    x_um: 0.4,
    frame_interval_s: null,
    hpf: null,
    is_synthetic: true,
    source: "suite",
    occupancy_thresholds: [120, 130],
    ...given,
  };
  const hypercubes: HypercubeStatistics[] = [];
  const channels = Array.from({ length: tile.channel_size }, (_, c) => c);
  for (const x_start of [0, 32, 64]) {
    for (const time_start of [0, 2]) {
      const level = x_start / 32 + time_start / 4;
      const isKnown = (channel: number) => channel > 0 || x_start < 64 || time_start > 0;
      const counts = (above: number) =>
        channels.map((c) => (isKnown(c) ? 100 + 30 * level + above - 20 * c : Number.NaN));
      hypercubes.push({
        time_start,
        z_start: 0,
        y_start: 0,
        x_start,
        time_size: 2,
        z_size: 16,
        y_size: 32,
        x_size: x_start === 64 ? 64 : 32,
        occupancy_ratios: channels.map((c) => [
          0.2 * level + 0.1,
          isKnown(c) ? 0.25 * level + 0.05 * c : Number.NaN,
        ]),
        cdf_80: counts(0),
        cdf_90: counts(10),
        cdf_95: counts(20),
        cdf_99: counts(40),
        mask_bbox_dict: suiteBoxes[`${x_start} ${time_start}`] ?? null,
      });
    }
  }
  return { tile, hypercubes };
}
