import assert from "node:assert/strict";
import { before, test } from "node:test";
import {
  fillCatalogueInTrino,
  fillInTrino,
  runInTrino,
  trinoEnv,
} from "../../../test/support/catalogue-in-trino.ts";
import {
  annotatedTilesOf,
  expectedAnnotatedTiles,
  expectedReferenceRows,
  referenceColumns,
  referenceRows,
  rowsOfBatches,
} from "../../../test/support/reference-rows.ts";
import { sqlPayloads } from "../../../test/support/sql-payloads.ts";
import { databaseSuite } from "../database.suite.ts";
import { HypercubeTable } from "../hypercube-table.ts";
import { suiteRows } from "../suite/suite-rows.fixture.ts";
import { openTrino } from "./trino-database.ts";

/** The address of a coordinator with the catalogue `memory`, which `npm run verify -- trino` starts. */
const TRINO_HOST = process.env.CELLO_TEST_TRINO;
const skip = TRINO_HOST === undefined && "a coordinator is started by: npm run verify -- trino";

const open = (schema: string, num_timepoints = 1) =>
  openTrino({ num_timepoints }, { env: trinoEnv(TRINO_HOST, schema) });

before(async () => {
  if (skip !== false) return;
  await run("default", "CREATE SCHEMA memory.catalogue");
  await fillCatalogueInTrino(trinoEnv(TRINO_HOST, "catalogue"), suiteRows());
  await run("default", "CREATE SCHEMA memory.reference");
  const { rois, tiles, cubes: prepared } = referenceRows();
  await fill("reference", "prepared", referenceColumns.prepared, rois);
  const views = referenceColumns.prepared_tiles_view_table;
  const ofTiles = tiles.map((tile) => ({
    ...tile,
    metadata_tile_json: textOf(tile.metadata_tile_json),
  }));
  await fill("reference", "prepared_tiles_view_table", views, ofTiles);
  const ofCubes = referenceColumns.prepared_cubes;
  const texts = prepared.map((cube) => ({ ...cube, metadata_json: textOf(cube.metadata_json) }));
  await fill("reference", "prepared_cubes", ofCubes, texts);
  await run("default", "CREATE SCHEMA memory.views");
  for (const table of ["prepared", "prepared_tiles_view_table"]) {
    await run("views", `CREATE TABLE ${table} AS SELECT * FROM memory.reference.${table}`);
  }
  await run("views", viewSql);
});

/** The view that the Python platform keeps for two channels and one frame, as a table. */
const viewSql = `CREATE TABLE prepared_1_128_128_128_2_hypercube_view AS
SELECT prepared_id, tile_name, x_start, y_start, z_start, CAST("time" AS DECIMAL(10, 0)) AS time_start,
  BIGINT '1' AS time_size,
  array_agg(occupancy_ratio) FILTER (WHERE channel = 0) AS occupancy_ratios_ch_0,
  array_agg(occupancy_ratio) FILTER (WHERE channel = 1) AS occupancy_ratios_ch_1,
  json_format(CAST(map_agg(CAST(channel AS VARCHAR), json_parse(metadata_json)) AS JSON)) AS pc_metadata_json
FROM memory.reference.prepared_cubes WHERE tile_name <> 'c'
GROUP BY prepared_id, tile_name, x_start, y_start, z_start, "time"`;

if (skip === false) databaseSuite("trino", () => open("catalogue"));
else test("trino: the suite", { skip }, () => {});

for (const frames of [1, 2]) {
  test(`trino: the Python platform's rows, ${frames} frames, from its cubes`, {
    skip,
  }, async () => {
    await using database = await open("reference", frames);
    const rows = await rowsOfBatches(database.hypercubes({}, { channels: 2 }));
    assert.deepEqual(rows, expectedReferenceRows(frames, [1, 2]));
  });
}

test("trino: the Python platform's rows, from its view, and their boxes", { skip }, async () => {
  await using database = await open("views");
  assert.match(database.place, /\(prepared_1_128_128_128_2_hypercube_view\)$/);
  const rows = await rowsOfBatches(database.hypercubes({}, { channels: 2 }));
  assert.deepEqual(rows, expectedReferenceRows(1, [2]));
  const boxes: unknown[] = [];
  const annotated = database.hypercubes({ has_annotations: true }, { boxes: true });
  for await (const batch of annotated) {
    boxes.push([
      ...batch.x_start,
      ...batch.time_start,
      ...(batch.boxes ?? []).map((text) => JSON.parse(text ?? "")),
    ]);
  }
  assert.deepEqual(boxes, [[128, 1, { 1: { 3: [1, 2, 3, 4, 5, 6], 4: [0, 0, 0, 2, 2, 2] } }]]);
});

test("trino: a view of which the JSON is damaged has neither boxes nor percentiles", {
  skip,
}, async () => {
  await run("default", "CREATE SCHEMA memory.damaged");
  for (const table of ["prepared", "prepared_tiles_view_table"]) {
    await run("damaged", `CREATE TABLE ${table} AS SELECT * FROM memory.reference.${table}`);
  }
  const damaged = viewSql.replace(
    /json_format\(.*\) AS pc_metadata_json/,
    "'{\"0\": nul' AS pc_metadata_json",
  );
  await run("damaged", damaged);
  await using database = await open("damaged");
  assert.equal((await rowsOfBatches(database.hypercubes({}))).length, 12);
  assert.equal((await rowsOfBatches(database.hypercubes({ has_annotations: true }))).length, 0);
});

test("trino: in tile mode a tile has the boxes that the Python platform has of it", {
  skip,
}, async () => {
  const query = { with_hypercubes_dataframe: false, has_annotations: true } as const;
  const asked = async (schema: string) => {
    await using database = await open(schema);
    return await annotatedTilesOf(database.hypercubes(query, { boxes: true }));
  };
  assert.deepEqual(await asked("views"), expectedAnnotatedTiles);
  // Its cubes say here whether there is a cell, but not where.
  const [a, b] = expectedAnnotatedTiles;
  assert.deepEqual(await asked("reference"), [{ ...a, boxes: null }, b]);
});

test("trino: names that are SQL change no data, and find nothing", { skip }, async () => {
  await using database = await open("catalogue");
  const before = (await HypercubeTable.from(database.hypercubes({}))).numRows;
  const names = sqlPayloads().filter((name) => name !== "WHERE 1=1"); // a tile has this one
  const query = { roi_list: [...names, "roi-1"], tile_list: names };
  assert.equal((await HypercubeTable.from(database.hypercubes(query))).numRows, 0);
  assert.equal((await HypercubeTable.from(database.hypercubes({}))).numRows, before);
});

test("trino: hypercubes put together of four blocks have what their blocks have", {
  skip,
}, async () => {
  await using database = await open("catalogue");
  const query = {
    roi_list: ["roi-1"],
    base_cube_shape: [2, 16, 32, 32],
    cube_shape: [4, 16, 32, 64],
  } as const;
  const rows: unknown[] = [];
  for await (const batch of database.hypercubes(query, { channels: 2 })) {
    for (let row = 0; row < batch.numRows; row++) {
      rows.push([batch.x_start[row], batch.time_size[row], batch.statistics.cdf_90_ch_0?.[row]]);
    }
  }
  assert.deepEqual(rows, [
    [0, 4, 110],
    [0, 4, 110],
  ]);
});

const textOf = (json: unknown) => (json === null ? null : JSON.stringify(json));

/** Hoisted: `before` runs as soon as it is declared. */
async function run(schema: string, text: string): Promise<void> {
  await runInTrino(trinoEnv(TRINO_HOST, schema), text);
}

async function fill(
  schema: string,
  ...table: [name: string, columns: Readonly<Record<string, string>>, rows: readonly object[]]
): Promise<void> {
  await fillInTrino(trinoEnv(TRINO_HOST, schema), ...table);
}
