import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { suiteRows } from "../database.suite.ts";
import { CatalogueWriter } from "../duckdb/catalogue-writer.ts";
import { DuckDbDatabase } from "../duckdb/duckdb-database.ts";
import { HypercubeTable } from "../hypercube-table.ts";
import { saveCachedRows } from "./save-cached-rows.ts";

const folder = mkdtempSync(join(tmpdir(), "cello-cached-"));
after(() => rmSync(folder, { recursive: true }));

test("cached rows are those of the query, and are filtered again as the database filters them", async () => {
  const catalogue_path = join(folder, "catalogue.duckdb");
  {
    await using writer = await CatalogueWriter.open(catalogue_path);
    for (const { tile, hypercubes } of suiteRows()) await writer.put(tile, hypercubes);
  }
  await using database = await DuckDbDatabase.open({ catalogue_path });
  const path = join(folder, "rows.csv");
  await saveCachedRows(database, {}, path);
  await using cached = await DuckDbDatabase.open({ catalogue_path: path });
  const queries = [
    {},
    { occupancy_threshold: 0.3 },
    { occupancy_threshold: 0.2, occupancy_threshold_filter_type: "min_all" },
    { cdf_threshold: 150, cdf_target: 95 },
    { has_annotations: true, max_tiles: 1 },
    { location: "exists_aws", timepoint_list: [2] },
  ] as const;
  for (const query of queries) {
    const [ours, theirs] = [database, cached].map((one) => one.hypercubes(query));
    assert.ok(ours && theirs);
    const [table, again] = [await HypercubeTable.from(ours), await HypercubeTable.from(theirs)];
    assert.ok(table.numRows > 0);
    assert.deepEqual([...again.records()], [...table.records()]);
  }
  assert.equal(JSON.parse(readFileSync(join(folder, "rows.json"), "utf8")).num_rows, 18);
});

test("a query that fails leaves no file", async () => {
  const catalogue_path = join(folder, "catalogue.duckdb");
  await using database = await DuckDbDatabase.open({ catalogue_path });
  const query = { base_cube_shape: [2, 2, 2, 2], cube_shape: [3, 3, 3, 3] } as const;
  const failing = saveCachedRows(database, query, join(folder, "none", "rows.csv"));
  await assert.rejects(failing, { code: "CATALOGUE_SHAPE" });
  assert.deepEqual(readdirSync(join(folder, "none")), []);
});
