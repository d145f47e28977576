import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { DuckDbDatabase } from "../duckdb/duckdb-database.ts";
import type { HypercubeQuery } from "../hypercube-query.ts";
import { HypercubeTable } from "../hypercube-table.ts";
import { requireCached } from "./cached-question.ts";

const folder = mkdtempSync(join(tmpdir(), "cello-reference-"));
after(() => rmSync(folder, { recursive: true }));

/** By pandas, of `tools/reference/make_cached_fixtures.py`. */
cpSync(join(import.meta.dirname, "fixtures"), folder, { recursive: true });
const path = join(folder, "reference.csv");

async function rowsOf(catalogue_path: string, query: HypercubeQuery) {
  await using database = await DuckDbDatabase.open({ catalogue_path });
  const table = await HypercubeTable.from(database.hypercubes(query));
  return [...table.records()].map((row) => [
    ...[row.prepared_id, row.tile_name, row.x_start, row.time_size, row.x_size, row.tile_shape],
  ]);
}

const a = [
  ["7", "a", 0, 1, 128, [3, 128, 128, 256, 2]],
  ["7", "a", 128, 1, 128, [3, 128, 128, 256, 2]],
];
const b = a.map((row) => row.with(1, "b"));
const c = [["8", "c", 0, 1, 100, [3, 128, 128, 100, 2]]]; // its ROI ends there

test("rows of the reference platform are cut by the extents of their ROIs, and filtered as ever", async () => {
  const whole = { cube_shape: [1, 128, 128, 128], edge_hypercubes: "drop" } as const;
  for (const catalogue_path of [path, folder]) {
    assert.deepEqual(await rowsOf(catalogue_path, {}), [...a, ...b, ...c]);
    assert.deepEqual(await rowsOf(catalogue_path, whole), [...a, ...b]);
    assert.deepEqual(await rowsOf(catalogue_path, { has_annotations: true }), a);
    assert.deepEqual(await rowsOf(catalogue_path, { location: "exists", max_tiles: 1 }), a);
    const cdf = { cdf_threshold: 100, cdf_target: 90 } as const;
    assert.deepEqual(await rowsOf(catalogue_path, cdf), [a[1], b[1]]);
    const tiles = await rowsOf(catalogue_path, { with_hypercubes_dataframe: false });
    assert.deepEqual(
      tiles.map((row) => row.slice(1, 5)),
      [
        ["a", 0, 3, 256],
        ["b", 0, 3, 256],
        ["c", 0, 3, 100],
      ],
    );
  }
});

test("an ROI that is there with two extents is an error", async () => {
  const twice = join(folder, "twice.csv");
  writeFileSync(twice, readFileSync(path));
  const rois = readFileSync(join(folder, "reference_rois.csv"), "utf8");
  writeFileSync(join(folder, "twice_rois.csv"), `${rois}2,8,0,0,0,128,128,120,3,2\n`);
  await assert.rejects(rowsOf(twice, {}), {
    code: "CATALOGUE_ROW",
    message: /the ROI 8 is there with different extents/,
  });
  for (const name of ["twice.csv", "twice_rois.csv"]) rmSync(join(folder, name));
});

const asked: HypercubeQuery = { roi_list: ["7"], synthetic_only: false };
const same = { ...asked, occupancy_threshold: null };
test("rows that were cached for other filters are refused, with the names of those", () => {
  for (const query of [same, { ...asked, occupancy_threshold: 0.1, has_annotations: true }]) {
    requireCached(path, query); // the reference platform filters by numbers after it has cached
  }
  const refused = (query: HypercubeQuery, message: RegExp) =>
    assert.throws(() => requireCached(path, query), { code: "CATALOGUE_CACHE", message });
  refused({ synthetic_only: false }, /: roi_list is null, but was \["7","8"\]$/);
  refused({ roi_list: ["9"] }, /roi_list is \["9"\], .*; synthetic_only is null, but was false$/);
  refused({ ...asked, with_hypercubes_dataframe: false }, /dataframe is false, but was true$/);
});

test("of the first so many rows, those of a narrower question are refused: they go on beyond", () => {
  const limited = join(folder, "limited.csv");
  const cached = { ...asked, max_tiles: 2 };
  for (const numbers of [{}, { num_rows: 3, occupancy_threshold: 0.5 }]) {
    writeFileSync(join(folder, "limited.json"), JSON.stringify({ ...cached, ...numbers }));
    requireCached(limited, { ...cached, ...numbers, max_tiles: 1, has_annotations: false });
    assert.throws(() => requireCached(limited, { ...cached, ...numbers, roi_list: [] }), {
      code: "CATALOGUE_CACHE",
      message:
        /: roi_list is \[\], but was \["7"\]; with max_tiles it is for the same filters alone$/,
    });
    const higher = { ...cached, occupancy_threshold: 0.6 };
    if ("num_rows" in numbers) assert.throws(() => requireCached(limited, higher), /is 0.6, but/);
    else requireCached(limited, higher);
  }
});

test("our own side-car says which rows are missing by number, too", () => {
  const ours = join(folder, "ours.csv");
  const cached: HypercubeQuery = {
    ...{ num_channels: 2, cube_shape: [1, 128, 128, 128], has_annotations: true },
    ...{ occupancy_threshold: 0.5, cdf_threshold: 150, cdf_target: 90 },
  };
  writeFileSync(join(folder, "ours.json"), JSON.stringify({ ...cached, num_rows: 3 }));
  for (const narrower of [
    {},
    { occupancy_threshold: 0.6, tile_list: ["a"], max_tiles: 1, synthetic_only: true },
    { occupancy_threshold_filter_type: "min_all", cdf_target: 80 },
    { cube_shape: [1, 128, 256, 256], base_cube_shape: [1, 128, 128, 128] },
  ] as const) {
    requireCached(ours, { ...cached, ...narrower });
  }
  const refused = (query: HypercubeQuery, message: RegExp) =>
    assert.throws(() => requireCached(ours, query), { code: "CATALOGUE_CACHE", message });
  refused(
    { ...cached, occupancy_threshold: 0.4, has_annotations: false },
    /: has_annotations is false, but was true; occupancy_threshold is 0.4, but was 0.5$/,
  );
  refused(
    { ...cached, occupancy_threshold_filter_type: "min_ch1" },
    /: occupancy_threshold_filter_type is "min_ch1", but was "min_ch0"$/,
  );
  refused({ ...cached, cdf_target: 95 }, /: cdf_target is 95, but was 90$/);
  refused({ ...cached, num_channels: null, min_channels: 2 }, /: num_channels is null, but was 2$/);
  refused({ ...cached, cube_shape: [1, 64, 64, 64] }, /: cube_shape is \[1,64,64,64\], but was /);
  const put = { base_cube_shape: [1, 1, 1, 1], incomplete_hypercubes: "drop", min_channels: 3 };
  writeFileSync(join(folder, "ours.json"), JSON.stringify({ ...put, num_rows: 3 }));
  requireCached(ours, { num_channels: 3 });
  refused(
    { min_channels: 2, incomplete_hypercubes: "keep" },
    /: min_channels is 2, but was 3; incomplete_hypercubes is "keep", but was "drop"$/,
  );
  writeFileSync(join(folder, "ours.json"), "[1]");
  assert.throws(() => requireCached(ours, {}), {
    code: "CATALOGUE_CACHE",
    message: /says nothing/,
  });
  requireCached(join(folder, "without.csv"), {});
});
