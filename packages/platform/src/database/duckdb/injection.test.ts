import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { sqlPayloads } from "../../../test/support/sql-payloads.ts";
import type { HypercubeQuery } from "../hypercube-query.ts";
import { HypercubeTable } from "../hypercube-table.ts";
import { hypercubesStatement, tilesStatement } from "../sql/statements.ts";
import { suiteRows } from "../suite/suite-rows.fixture.ts";
import { catalogueRelations } from "./catalogue-relations.ts";
import { CatalogueWriter } from "./catalogue-writer.ts";
import { DuckDbDatabase } from "./duckdb-database.ts";
import { duckDbDialect } from "./duckdb-dialect.ts";

const folder = mkdtempSync(join(tmpdir(), "cello-injection-"));
const catalogue_path = join(folder, "it's; DROP TABLE tiles.duckdb");
after(() => rmSync(folder, { recursive: true }));

const queryOf = (name: string): HypercubeQuery => ({ roi_list: [name, "b"], tile_list: [name] });

test("300 names that are SQL change no statement, touch no file, and find nothing", async () => {
  {
    await using writer = await CatalogueWriter.open(catalogue_path);
    for (const { tile, hypercubes } of suiteRows()) await writer.put(tile, hypercubes);
  }
  const relations = {
    dialect: duckDbDialect,
    ...catalogueRelations(new Map([["min_occupancy", "other"]])),
  };
  const texts = (name: string) => [
    tilesStatement(relations, queryOf(name)).text,
    hypercubesStatement(relations, queryOf(name), { channels: 2, boxes: true }).text,
  ];
  const files = () =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(folder, name)))
        .digest("hex"),
    ]);
  const [harmless, before] = [texts("harmless"), files()];
  const payloads = sqlPayloads();
  assert.ok(payloads.length >= 300);
  await using database = await DuckDbDatabase.open({ catalogue_path });
  for (const name of payloads) {
    assert.deepEqual(texts(name), harmless, name);
    const table = await HypercubeTable.from(database.hypercubes(queryOf(name)));
    assert.equal(table.numRows, 0, name);
  }
  assert.deepEqual(files(), before);
});
