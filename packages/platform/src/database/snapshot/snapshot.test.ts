import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CatalogueWriter } from "../duckdb/catalogue-writer.ts";
import { DuckDbDatabase } from "../duckdb/duckdb-database.ts";
import { HypercubeTable } from "../hypercube-table.ts";
import { suiteRows } from "../suite/suite-rows.fixture.ts";
import { readSnapshot, saveSnapshot } from "./snapshot.ts";

const home = mkdtempSync(join(tmpdir(), "cello-snapshot-"));
const catalogue_path = join(home, "catalogue.duckdb");
after(() => rmSync(home, { recursive: true }));

const query = { roi_list: ["roi-1"], max_hypercubes: null };
const takenAt = new Date("2026-05-04T03:02:01Z");
const asked = { kind: "duckdb", source: "a place", query, takenAt };
let table: HypercubeTable;

before(async () => {
  {
    await using writer = await CatalogueWriter.open(catalogue_path);
    for (const { tile, hypercubes } of suiteRows()) await writer.put(tile, hypercubes);
  }
  await using database = await DuckDbDatabase.open({ catalogue_path });
  table = await HypercubeTable.from(database.hypercubes(query));
});

const folderOf = (name: string) => join(home, name);
const fileIn = (folder: string) =>
  join(folder, readdirSync(folder).find((name) => name.endsWith(".parquet")) ?? "");

test("rows come back as they were, with when and where they were asked for", async () => {
  const folder = folderOf("whole [1] *"); // a name, and no pattern
  await saveSnapshot(folder, table, asked);
  const snapshot = await readSnapshot(folder, { roi_list: ["roi-1"] });
  assert.deepEqual([...(snapshot?.table.records() ?? [])], [...table.records()]);
  assert.deepEqual(snapshot?.table.tiles, table.tiles);
  assert.deepEqual([snapshot?.source, snapshot?.takenAt], ["a place", takenAt]);
});

test("rows stay those of their own tiles when a tile between them has no row", async () => {
  const emptied = new Set(["roi-1/a"]); // the second of four, in the catalogue's order
  await using database = await DuckDbDatabase.open({ catalogue_path });
  async function* rows() {
    for await (const { numRows, tiles, tile, ...batch } of database.hypercubes({})) {
      const kept = [...Array(numRows).keys()].filter((row) => {
        const { prepared_id, tile_name } = tiles[tile[row] ?? -1] ?? {};
        return !emptied.has(`${prepared_id}/${tile_name}`);
      });
      const of = (column: Int32Array) => Int32Array.from(kept, (row) => column[row] ?? 0);
      yield {
        ...batch,
        ...{ numRows: kept.length, tiles, tile: of(tile), time_start: of(batch.time_start) },
        ...{ z_start: of(batch.z_start), y_start: of(batch.y_start), x_start: of(batch.x_start) },
        ...{ time_size: of(batch.time_size), z_size: of(batch.z_size), y_size: of(batch.y_size) },
        x_size: of(batch.x_size),
      };
    }
  }
  const filtered = await HypercubeTable.from(rows());
  assert.equal(filtered.tiles.length, 4);
  await saveSnapshot(folderOf("gap"), filtered, asked);
  const snapshot = await readSnapshot(folderOf("gap"), query);
  assert.deepEqual([...(snapshot?.table.records() ?? [])], [...filtered.records()]);
});

test("a row of a tile that is not in the list is refused", async () => {
  async function* rows() {
    await using database = await DuckDbDatabase.open({ catalogue_path });
    for await (const batch of database.hypercubes({})) {
      yield { ...batch, tiles: batch.tiles.slice(0, 2) };
    }
  }
  await assert.rejects(HypercubeTable.from(rows()), {
    name: "RangeError",
    message: "row 12 is of tile 2: there are 2",
  });
});

test("a snapshot answers no other query, and there need not be one", async () => {
  await saveSnapshot(folderOf("other"), table, asked);
  assert.equal(await readSnapshot(folderOf("other"), { roi_list: ["roi-2"] }), null);
  assert.equal(await readSnapshot(folderOf("none"), query), null);
});

test("a new snapshot takes the place of the old one", async () => {
  const folder = folderOf("twice");
  await saveSnapshot(folder, table, asked);
  await saveSnapshot(folder, table, { ...asked, query: {} });
  assert.equal(await readSnapshot(folder, query), null);
  assert.equal(readdirSync(folder).length, 2);
});

test("its file is a catalogue that can be opened by itself", async () => {
  await saveSnapshot(folderOf("open"), table, asked);
  await using database = await DuckDbDatabase.open({ catalogue_path: fileIn(folderOf("open")) });
  const again = await HypercubeTable.from(database.hypercubes({}));
  assert.deepEqual([...again.records()], [...table.records()]);
});

test("one byte that was changed anywhere is an error that names the file", async () => {
  const folder = folderOf("damaged");
  await saveSnapshot(folder, table, asked);
  const path = fileIn(folder);
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 40)) {
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    await assert.rejects(readSnapshot(folder, query), {
      code: "CATALOGUE_SNAPSHOT",
      message: /damaged\/hypercubes-.*\.parquet is not the snapshot that the run saved/,
    });
  }
  rmSync(path);
  await assert.rejects(readSnapshot(folder, query), { code: "CATALOGUE_SNAPSHOT" });
  writeFileSync(join(folder, "hypercubes.json"), "{}");
  await assert.rejects(readSnapshot(folder, query), {
    code: "CATALOGUE_SNAPSHOT",
    message: /hypercubes\.json is not the snapshot/,
  });
});
