// A million rows of the hypercube view of a local PostgreSQL into columns; our reader against
// ConnectorX to Arrow, protocol binary, on the same statement and rows. Two cases: the columns that a
// run asks for, in the catalogue's order; and the view's as they lie, without its JSON.

import { strict as assert } from "node:assert";
import { join } from "node:path";
import { postgresServer } from "../packages/platform/src/database/postgres/postgres-server.ts";
import { patientRetries } from "../packages/platform/src/database/server/retry.ts";
import { ServerReader } from "../packages/platform/src/database/server/server-reader.ts";
import type { ColumnTypes } from "../packages/platform/src/database/sql/sql-reader.ts";
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

const cases = [
  { name: "1 million rows as they lie", text: select },
  {
    name: "1 million rows in the catalogue's order",
    text: `${select} ORDER BY prepared_id::text COLLATE "C", tile_name COLLATE "C", z_start, y_start, x_start, time_start`,
  },
];

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
  { name, text }: (typeof cases)[number],
): Promise<Row> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const mine = await read(server, text);
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

async function read(server: PostgresServer, text: string): Promise<Answer> {
  const address = { client: { connectionString: server.uri }, place: "the bench's server" };
  const source = postgresServer(address, { statementTimeoutMs: 600_000 });
  await using reader = new ServerReader(source, { retries: patientRetries, note: () => {} });
  const began = performance.now();
  const batches = [];
  {
    await using session = await reader.session(undefined);
    const statement = { text, values: [], types: columns };
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
      ARRAY[(i % 1024) / 1024.0::real] AS occupancy_ratios_ch_0,
      ARRAY[(i % 512) / 512.0::real] AS occupancy_ratios_ch_1, TRUE AS "exists",
      i % 3 = 0 AS is_synthetic FROM generate_series(0, ${numRows - 1}) AS i`,
    `CREATE MATERIALIZED VIEW ${view} AS SELECT * FROM rows_of_view`,
    `VACUUM ANALYZE ${view}`,
  ]);
}
