// Every filter, limit and aggregate of the databases against plain Python loops, on random tables:
// as the reference platform's CSV that pandas wrote, as Parquet made of it, as a catalogue, and as a
// catalogue's tables in PostgreSQL.

import { join } from "node:path";
import {
  CatalogueWriter,
  cachedColumns,
  cachingRows,
  type Database,
  DuckDbDatabase,
  HypercubeTable,
} from "../../packages/platform/src/database/index.ts";
import { openSupabase } from "../../packages/platform/src/database/postgres/supabase-database.ts";
import { fillDatabase } from "../../packages/platform/test/support/catalogue-in-postgres.ts";
import { postgresIsMissing } from "../../packages/platform/test/support/postgres-programs.ts";
import { PostgresServer } from "../../packages/platform/test/support/postgres-server.ts";
import { runInPostgres } from "../../packages/platform/test/support/run-in-postgres.ts";
import { command, repository } from "../command.ts";
import type { Verification } from "../verify.ts";
import { withRandomTables } from "./database/random-tables.ts";
import { rowsOf } from "./database/table-rows.ts";
import { type Kind, type KindVerdict, verdictOf } from "./database/verdict-of.ts";

const numTables = 5;
const numQueries = 50;

export const verification: Verification = {
  name: "database",
  async run({ python, seed }) {
    return await withRandomTables({ python, seed, numTables, numQueries }, async (folder) => {
      const verdicts: KindVerdict[] = [];
      for (const kind of kinds) verdicts.push(await verdictOf(kind, { folder, numTables }));
      verdicts.push(await postgresVerdict(folder));
      verdicts.push(await cachedVerdict(folder, python));
      return {
        passed: verdicts.reduce((sum, { passed }) => sum + passed, 0),
        failed: verdicts.reduce((sum, { failures }) => sum + failures.length, 0),
        lines: verdicts.flatMap(({ line, failures }) => [line, ...failures.slice(0, 5)]),
      };
    });
  },
};

const kinds: readonly Kind[] = [
  {
    name: "csv",
    open: (folder, table) => DuckDbDatabase.open({ catalogue_path: join(folder, `${table}.csv`) }),
    answers: () => true,
  },
  {
    name: "parquet",
    open: (folder, table) =>
      DuckDbDatabase.open({ catalogue_path: join(folder, `${table}.parquet`) }),
    // The same relations as of the CSV, only slower to plan: a part is enough.
    answers: ({ min_channels }) => min_channels !== undefined,
  },
  {
    name: "duckdb",
    // Our own catalogue has all numbers, and is where its files are.
    open: (folder, table) => (table % 2 === 0 ? null : catalogueOf(folder, table)),
    answers: ({ location }) => location === undefined,
  },
];

/** The same tables in a server of our own; skipped where its programs are not installed. */
async function postgresVerdict(folder: string): Promise<KindVerdict> {
  const missing = postgresIsMissing();
  if (missing !== false) return { passed: 0, failures: [], line: `supabase: ${missing}` };
  await using server = await PostgresServer.start();
  return await verdictOf(
    {
      name: "supabase",
      open: (folder, table) => (table % 2 === 0 ? null : tablesInPostgres(server, folder, table)),
      answers: ({ location }) => location === undefined,
    },
    { folder, numTables },
  );
}

async function tablesInPostgres(server: PostgresServer, folder: string, table: number) {
  const name = `table_${table}`;
  await runInPostgres(server.uri, [`CREATE DATABASE ${name}`]);
  await fillDatabase(server.uriOf(name), rowsOf(folder, table));
  const env = { SUPABASE_PROD_URI: server.uriOf(name) };
  return await openSupabase({ dbname: "prod", num_timepoints: 1 }, { env });
}

/** Rows that we cache, read and filtered by pandas as the reference platform does it. */
async function cachedVerdict(folder: string, python: string): Promise<KindVerdict> {
  const script = join(repository, "tools/reference/cached_rows_reference.py");
  const path = join(folder, "cached.csv");
  await using database = await catalogueOf(folder, 1);
  const rows = database.hypercubes({}, cachedColumns({}));
  await HypercubeTable.from(cachingRows(rows, { database, query: {} }, path));
  const failures: string[] = [];
  const thresholds = [0, 0.1, 0.3, 0.9];
  for (const occupancy_threshold of thresholds) {
    const { code, output } = await command([python, script, path, String(occupancy_threshold)]);
    const ours: (string | number)[][] = [];
    for await (const batch of database.hypercubes({ occupancy_threshold })) {
      for (let i = 0; i < batch.numRows; i++) {
        const tile = batch.tiles[batch.tile[i] ?? -1];
        const starts = [batch.time_start, batch.z_start, batch.y_start, batch.x_start];
        const sizes = [batch.time_size, batch.z_size, batch.y_size, batch.x_size];
        const place = [...starts, ...sizes].map((column) => column[i] ?? 0);
        ours.push([tile?.prepared_id ?? "", tile?.tile_name ?? "", ...place]);
      }
    }
    const isSame = code === 0 && JSON.stringify(JSON.parse(output)) === JSON.stringify(ours);
    if (!isSame)
      failures.push(`FAIL  cached rows at ${occupancy_threshold}: ${output.slice(0, 500)}`);
  }
  const passed = thresholds.length - failures.length;
  return { passed, failures, line: `cached rows, read by pandas: ${thresholds.length} thresholds` };
}

async function catalogueOf(folder: string, table: number): Promise<Database> {
  const catalogue_path = join(folder, `${table}.duckdb`);
  {
    await using writer = await CatalogueWriter.open(catalogue_path);
    for (const { tile, hypercubes } of rowsOf(folder, table)) await writer.put(tile, hypercubes);
  }
  return await DuckDbDatabase.open({ catalogue_path });
}
