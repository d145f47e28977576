// A million rows of the hypercube view of a local PostgreSQL into columns; our reader against
// ConnectorX to Arrow, protocol binary, on the same statement and rows. Three cases, of all the million
// rows each: the statement that a run sends, whose filters the server works out and every row passes;
// and the view's columns as they lie and in order. Texts change every 400 rows, which is the best case
// for a reader that keeps the last ones. The view's JSON is left out of all three; ConnectorX gets the
// run's values as literals.

import { strict as assert } from "node:assert";
import { join } from "node:path";
import { postgresDialect } from "../packages/platform/src/database/postgres/postgres-dialect.ts";
import { postgresServer } from "../packages/platform/src/database/postgres/postgres-server.ts";
import { referenceTiles } from "../packages/platform/src/database/postgres/reference-tiles.ts";
import { viewRelation } from "../packages/platform/src/database/postgres/reference-view.ts";
import { patientRetries } from "../packages/platform/src/database/server/retry.ts";
import { ServerReader } from "../packages/platform/src/database/server/server-reader.ts";
import type { ColumnTypes, Statement } from "../packages/platform/src/database/sql/sql-reader.ts";
import { hypercubesStatement } from "../packages/platform/src/database/sql/statements.ts";
import { PostgresServer } from "../packages/platform/test/support/postgres-server.ts";
import { runInPostgres } from "../packages/platform/test/support/run-in-postgres.ts";
import { median } from "./drive/median.ts";
import { startWorker, type Worker } from "./drive/worker.ts";
import type { Benchmark, Row } from "./row.ts";

const numRows = 1_000_000;
const rounds = 5;
const view = "prepared_1_128_128_128_2_hypercube_view";

const columns = {
  prepared_id: "text",
  tile_name: "text",
  time_start: "integer",
  z_start: "integer",
  y_start: "integer",
  x_start: "integer",
  time_size: "integer",
  hpf: "number",
  server_folder: "text",
  output_folder: "text",
  occupancy_0: "number",
  occupancy_1: "number",
  is_synthetic: "integer",
} as const satisfies ColumnTypes;

const select = `SELECT prepared_id::text AS prepared_id, tile_name, time_start::int4 AS time_start,
  z_start, y_start, x_start, time_size::int4 AS time_size, hpf::float8 AS hpf, server_folder,
  output_folder, occupancy_ratios_ch_0[1]::float8 AS occupancy_0,
  occupancy_ratios_ch_1[1]::float8 AS occupancy_1, is_synthetic::int4 AS is_synthetic FROM ${view}`;

const order = `prepared_id::text COLLATE "C", tile_name COLLATE "C", z_start, y_start, x_start, time_start`;

interface Case {
  readonly name: string;
  readonly statement: Statement;
  /** The same statement with its values in it. */
  readonly text: string;
}

const flat = (name: string, text: string): Case => ({
  name,
  statement: { text, values: [], types: columns },
  text,
});

/** The columns of the tables beside the view that a run's statement reads. */
const tableColumns = {
  prepared: [
    "id",
    "z_start",
    "z_end",
    "y_start",
    "y_end",
    "x_start",
    "x_end",
    "time_size",
    "channel_size",
  ],
  prepared_tiles_view_table: [
    "prepared_id",
    "tile_name",
    "server_folder",
    "output_folder",
    "is_synthetic",
    "exists",
    "cube_size",
  ],
};

const cases = [
  statementOfRun(),
  flat("1 million rows as they lie", select),
  flat("1 million rows in the catalogue's order", `${select} ORDER BY ${order}`),
];

/** What `SupabaseDatabase.hypercubes` sends for a run with a threshold that every row reaches. */
function statementOfRun(): Case {
  const blocks = { num_timepoints: 1, edge: 128 };
  const ofView = ["occupancy_ratios_ch_0", "occupancy_ratios_ch_1"];
  const tables = new Map(
    Object.entries({ ...tableColumns, [view]: ofView }).map(([name, list]) => [
      name,
      new Set(list),
    ]),
  );
  const source = {
    dialect: postgresDialect,
    tiles: referenceTiles(tables, blocks, "the bench's server"),
    hypercubes: viewRelation(tables, [view], blocks),
  };
  const query = {
    num_channels: 2,
    location: "exists",
    occupancy_threshold: 0.25,
    cube_shape: [1, 128, 128, 128],
    edge_hypercubes: "keep",
  } as const;
  const statement = hypercubesStatement(source, query, {});
  const text = statement.text.replaceAll(/\$([0-9]+)/g, (_, number) =>
    String(statement.values[Number(number) - 1]?.value),
  );
  return { name: "1 million rows by the statement of a run", statement, text };
}

export const benchmark: Benchmark = {
  name: "postgres-fetch",
  async run({ python }) {
    await using server = await PostgresServer.start({
      settings: { shared_buffers: "1GB", work_mem: "256MB" },
    });
    await fill(server);
    const peer = startWorker([python, join(import.meta.dirname, "peers/postgres_fetch.py")]);
    try {
      const rows: Row[] = [];
      for (const one of cases) rows.push(await compare(server, peer, one));
      return rows;
    } finally {
      await peer.close();
    }
  },
};

interface Answer {
  readonly seconds: number;
  readonly rows: number;
  /** Sums of the columns of numbers, and of the lengths of the texts in one. */
  readonly sums: Readonly<Record<string, number>>;
}

async function compare(
  server: PostgresServer,
  peer: Worker,
  { name, statement, text }: Case,
): Promise<Row> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const mine = await read(server, statement);
    const other = await peer.ask<Answer>({ uri: server.uri, text });
    assert.deepEqual(mine.sums, other.sums);
    assert.equal(mine.rows, numRows);
    assert.equal(other.rows, numRows);
    if (round < 0) continue; // the first warms the server's cache
    ours.push(mine.seconds);
    theirs.push(other.seconds);
  }
  const [a, b] = [median(ours), median(theirs)];
  return {
    bench: "postgres-fetch",
    case: name,
    ours: a,
    peer: b,
    ratio: a / b,
    unit: "s",
    runs: rounds,
  };
}

async function read(server: PostgresServer, statement: Statement): Promise<Answer> {
  const address = { client: { connectionString: server.uri }, place: "the bench's server" };
  const source = postgresServer(address, { statementTimeoutMs: 600_000 });
  await using reader = new ServerReader(source, { retries: patientRetries, note: () => {} });
  const began = performance.now();
  const batches = [];
  {
    await using session = await reader.session(undefined);
    for await (const batch of session.rows(statement, undefined)) batches.push(batch);
  }
  const seconds = (performance.now() - began) / 1000;
  const sums: Record<string, number> = {};
  for (const { columns } of batches) {
    for (const [name, values] of Object.entries(columns)) {
      for (const value of values) {
        const number = typeof value === "string" ? value.length : (value ?? 0);
        sums[name] = (sums[name] ?? 0) + number;
      }
    }
  }
  return { seconds, rows: batches.reduce((sum, batch) => sum + batch.numRows, 0), sums };
}

/** ROIs of 4,000 and tiles of 400 rows, with folders as long as the reference platform's. */
async function fill(server: PostgresServer): Promise<void> {
  await runInPostgres(server.uri, [
    `CREATE TABLE rows_of_view AS SELECT i::bigint AS first_pc_id, (i / 4000)::bigint AS prepared_id,
      'stitched_tile_of_the_embryo_' || (i / 400) AS tile_name, (i % 16) * 128 AS x_start,
      (i / 16 % 8) * 128 AS y_start, (i / 128 % 2) * 128 AS z_start, (i % 400)::numeric AS time_start,
      2 AS channel_size, 128 AS cube_size, 1::bigint AS time_size, (i % 48)::numeric AS hpf,
      '/clusterfs/data/cell_observatory_training_datasets' AS server_folder,
      '2025/9/1/experiment/fish/roi_' || (i / 4000) AS output_folder,
      ARRAY[0.25 + (i % 1024) / 2048.0::real] AS occupancy_ratios_ch_0,
      ARRAY[(i % 512) / 512.0::real] AS occupancy_ratios_ch_1, TRUE AS "exists",
      i % 3 = 0 AS is_synthetic FROM generate_series(0, ${numRows - 1}) AS i`,
    `CREATE MATERIALIZED VIEW ${view} AS SELECT * FROM rows_of_view`,
    `CREATE TABLE prepared AS SELECT i::bigint AS id, 0 AS z_start, 256 AS z_end, 0 AS y_start,
      1024 AS y_end, 0 AS x_start, 2048 AS x_end, 400 AS time_size, 2 AS channel_size
      FROM generate_series(0, ${numRows / 4000 - 1}) AS i`,
    `CREATE TABLE prepared_tiles_view_table AS SELECT DISTINCT prepared_id, tile_name, server_folder,
      output_folder, FALSE AS is_synthetic, TRUE AS "exists", 128 AS cube_size FROM ${view}`,
    "VACUUM ANALYZE",
  ]);
}
