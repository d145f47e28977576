import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { fillCatalogue } from "../../../test/support/catalogue-in-postgres.ts";
import { postgresIsMissing } from "../../../test/support/postgres-programs.ts";
import { PostgresServer } from "../../../test/support/postgres-server.ts";
import { sqlPayloads } from "../../../test/support/sql-payloads.ts";
import type { HypercubeQuery } from "../hypercube-query.ts";
import { HypercubeTable } from "../hypercube-table.ts";
import { suiteRows } from "../suite/suite-rows.fixture.ts";
import { openSupabase } from "./supabase-database.ts";

const skip = postgresIsMissing();
let server: PostgresServer;
let admin: pg.Client;

before(async () => {
  if (skip !== false) return;
  server = await PostgresServer.start();
  admin = new pg.Client(server.uri);
  await admin.connect();
  await fillCatalogue(admin, suiteRows());
  await admin.query("CREATE EXTENSION pg_stat_statements");
});
after(async () => {
  await admin?.end();
  await server?.[Symbol.asyncDispose]();
});

/** The statements that were run, without their values: the server's own fingerprints of their trees. */
async function fingerprints(): Promise<readonly string[]> {
  const { rows } = await admin.query<{ queryid: string }>(
    `SELECT queryid::text FROM pg_stat_statements
     WHERE query NOT LIKE '%pg_stat_statements%' AND query NOT LIKE '%pg_class%' ORDER BY 1`,
  );
  return rows.map(({ queryid }) => queryid);
}

async function everything(): Promise<unknown> {
  const { rows } = await admin.query(
    `SELECT (SELECT json_agg(t ORDER BY t::text) FROM tiles AS t) AS tiles,
      (SELECT json_agg(h ORDER BY h::text) FROM hypercubes AS h) AS hypercubes,
      (SELECT count(*) FROM pg_class) AS relations, (SELECT count(*) FROM pg_roles) AS roles`,
  );
  return rows;
}

test("300 names that are SQL change no statement, no data, and find nothing", {
  skip,
}, async () => {
  const env = { SUPABASE_PROD_URI: server.uri };
  await using database = await openSupabase({ dbname: "prod", num_timepoints: 1 }, { env });
  const ask = async (name: string) => {
    const query: HypercubeQuery = { roi_list: [name, "roi-1"], tile_list: [name] };
    return (await HypercubeTable.from(database.hypercubes(query))).numRows;
  };
  const data = await everything();
  const reset = () => admin.query("SELECT pg_stat_statements_reset()");
  await reset();
  await ask("harmless");
  const harmless = await fingerprints();
  assert.equal(harmless.length >= 2, true);
  await reset();
  const payloads = sqlPayloads();
  assert.equal(new Set(payloads).size, 300);
  for (const payload of payloads) assert.equal(await ask(payload), 0, payload);
  assert.deepEqual(await fingerprints(), harmless);
  assert.deepEqual(await everything(), data);
});

test("a name with a NUL, which no text of PostgreSQL can have, is an error of the query", {
  skip,
}, async () => {
  const env = { SUPABASE_PROD_URI: server.uri };
  await using database = await openSupabase({ dbname: "prod", num_timepoints: 1 }, { env });
  await assert.rejects(HypercubeTable.from(database.hypercubes({ roi_list: ["a\0b"] })), {
    code: "DATABASE_READ",
    message: /invalid byte sequence for encoding "UTF8": 0x00/,
  });
});
