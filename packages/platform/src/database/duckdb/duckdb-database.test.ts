import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { databaseSuite, suiteRows } from "../database.suite.ts";
import { CatalogueWriter } from "./catalogue-writer.ts";
import { connectToRead } from "./connect.ts";
import { DuckDbDatabase } from "./duckdb-database.ts";

const folder = mkdtempSync(join(tmpdir(), "cello-duckdb-"));
const catalogue_path = join(folder, "catalogue.duckdb");
after(() => rmSync(folder, { recursive: true }));

before(async () => {
  await using writer = await CatalogueWriter.open(catalogue_path);
  for (const { tile, hypercubes } of suiteRows()) await writer.put(tile, hypercubes);
  // Written twice: a tile takes the place of the one with its name.
  for (const { tile, hypercubes } of suiteRows()) await writer.put(tile, hypercubes);
});

databaseSuite("duckdb", () => DuckDbDatabase.open({ catalogue_path }));

test("a catalogue that is missing, or is something else, is named in the error", async () => {
  await assert.rejects(DuckDbDatabase.open({ catalogue_path: join(folder, "none.duckdb") }), {
    code: "CATALOGUE_MISSING",
    message: /there is no catalogue at .*none\.duckdb/,
  });
  const text = join(folder, "text.duckdb");
  writeFileSync(text, "this is no database, whatever its name says".repeat(1000));
  await assert.rejects(DuckDbDatabase.open({ catalogue_path: text }), {
    code: "CATALOGUE_OPEN",
    message: /text\.duckdb cannot be opened/,
  });
});

test("no query reaches another file through a catalogue", async () => {
  using catalogue = await connectToRead(catalogue_path);
  const attempts = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    `ATTACH '${join(folder, "other.duckdb")}'`,
    `COPY tiles TO '${join(folder, "stolen.csv")}'`,
    "SET enable_external_access = true",
  ];
  for (const sql of attempts) await assert.rejects(catalogue.connection.run(sql), sql);
});

test("the folder of a catalogue is where its relative folders begin, unless another is given", async () => {
  const path = join(folder, "relative.duckdb");
  const [first] = suiteRows();
  assert.ok(first);
  {
    await using writer = await CatalogueWriter.open(path);
    await writer.put({ ...first.tile, server_folder: "." }, first.hypercubes);
  }
  await using database = await DuckDbDatabase.open({ catalogue_path: path });
  for await (const { server_folder } of database.hypercubes({}))
    assert.equal(server_folder, folder);
  await using moved = await DuckDbDatabase.open({
    catalogue_path: path,
    server_folder_path: "/elsewhere",
  });
  for await (const { server_folder } of moved.tiles()) assert.equal(server_folder, "/elsewhere");
});

test("the reference platform's columns are there under its names", async () => {
  using catalogue = await connectToRead(catalogue_path);
  const result = await catalogue.connection.runAndReadAll(
    `SELECT min_occupancy_ratios_ch_0, mean_occupancy_ratios_ch_1, cdf_90_ch_0, cdf_99_ch_1,
      occupancy_ratios_ch_0, time_start, z_start, hpf, is_synthetic, server_folder, output_folder
     FROM hypercube_view WHERE tile_name = 'b' AND x_start = 32 AND time_start = 0`,
  );
  const [row] = result.getRowObjectsJS();
  assert.equal(row?.cdf_90_ch_0, 140);
  assert.equal(row?.cdf_99_ch_1, 150);
  assert.equal(row?.min_occupancy_ratios_ch_0, 0.25);
  assert.ok(Math.abs(Number(row?.mean_occupancy_ratios_ch_1) - 0.3) < 1e-12);
});
