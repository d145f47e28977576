import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Database } from "../database.ts";
import { CatalogueWriter } from "../duckdb/catalogue-writer.ts";
import { DuckDbDatabase } from "../duckdb/duckdb-database.ts";
import type { HypercubeQuery } from "../hypercube-query.ts";
import { HypercubeTable } from "../hypercube-table.ts";
import { suiteRows } from "../suite/suite-rows.fixture.ts";
import { cachedColumns, cachingRows } from "./save-cached-rows.ts";

const folder = mkdtempSync(join(tmpdir(), "cello-cached-"));
after(() => rmSync(folder, { recursive: true }));

/** Caches the rows of a query; what passes is what the database gave. */
async function save(database: Database, query: HypercubeQuery, path: string): Promise<number> {
  const rows = database.hypercubes(query, cachedColumns(query));
  const passed = await HypercubeTable.from(cachingRows(rows, { database, query }, path));
  return passed.numRows;
}

test("cached rows are those of the query, and are filtered again as the database filters them", async () => {
  const catalogue_path = join(folder, "catalogue.duckdb");
  {
    await using writer = await CatalogueWriter.open(catalogue_path);
    for (const { tile, hypercubes } of suiteRows()) await writer.put(tile, hypercubes);
  }
  await using database = await DuckDbDatabase.open({ catalogue_path });
  const path = join(folder, "rows.csv");
  assert.equal(await save(database, {}, path), 24);
  await using cached = await DuckDbDatabase.open({ catalogue_path: path });
  const queries = [
    {},
    { occupancy_threshold: 0.3 },
    { occupancy_threshold: 0.2, occupancy_threshold_filter_type: "min_all" },
    { cdf_threshold: 150, cdf_target: 95 },
    { has_annotations: true, max_tiles: 1 },
    { has_annotations: true },
    { timepoint_list: [2] },
  ] as const;
  for (const query of queries) {
    const [ours, theirs] = [database, cached].map((one) => one.hypercubes(query));
    assert.ok(ours && theirs);
    const [table, again] = [await HypercubeTable.from(ours), await HypercubeTable.from(theirs)];
    assert.ok(table.numRows > 0);
    assert.deepEqual([...again.records()], [...table.records()]);
  }
  assert.equal(JSON.parse(readFileSync(join(folder, "rows.json"), "utf8")).num_rows, 24);
});

test("a query that fails leaves no file", async () => {
  const catalogue_path = join(folder, "catalogue.duckdb");
  await using database = await DuckDbDatabase.open({ catalogue_path });
  const query = { base_cube_shape: [2, 2, 2, 2], cube_shape: [3, 3, 3, 3] } as const;
  const failing = save(database, query, join(folder, "none", "rows.csv"));
  await assert.rejects(failing, { code: "CATALOGUE_SHAPE" });
  assert.deepEqual(readdirSync(join(folder, "none")), []);
});

test("cached rows keep all boxes, and tell storage only as it was asked for", async () => {
  const catalogue_path = join(folder, "catalogue.duckdb");
  await using database = await DuckDbDatabase.open({ catalogue_path });
  const path = join(folder, "asked.csv");
  const query = { location: "exists_aws", min_channels: 1 } as const; // boxes are in channel 1 too
  const all = await save(database, query, path);
  await using cached = await DuckDbDatabase.open({ catalogue_path: path });
  const boxesOf = async (one: Database) => {
    const texts: unknown[] = [];
    for await (const { boxes } of one.hypercubes({}, { boxes: true })) {
      for (const text of boxes ?? []) texts.push(text && cellsOf(text));
    }
    return texts;
  };
  assert.deepEqual(await boxesOf(cached), await boxesOf(database));
  const asked = async (location: HypercubeQuery["location"]) =>
    (await HypercubeTable.from(cached.hypercubes({ location: location ?? null }))).numRows;
  assert.deepEqual([await asked("exists_aws"), await asked("exists_prfs")], [all, 0]);
  const [tiles, again]: unknown[][] = [[], []];
  for await (const tile of database.tiles()) tiles?.push({ ...tile, occupancy_thresholds: [] });
  for await (const tile of cached.tiles()) again?.push(tile);
  assert.deepEqual(again, tiles);
});

/** Without channels that have no cell. */
const cellsOf = (text: string) =>
  Object.entries(JSON.parse(text)).filter(([, cells]) => Object.keys(cells as object).length > 0);
