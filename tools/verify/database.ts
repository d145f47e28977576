// Every filter, limit and aggregate of the databases against plain Python loops, on random tables:
// as the reference platform's CSV that pandas wrote, as Parquet made of it, as a catalogue, and as a
// catalogue's tables in PostgreSQL.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CatalogueWriter,
  cachedColumns,
  cachingRows,
  type Database,
  DuckDbDatabase,
  type HypercubeBatch,
  type HypercubeQuery,
  HypercubeTable,
} from "../../packages/platform/src/database/index.ts";
import { openSupabase } from "../../packages/platform/src/database/postgres/supabase-database.ts";
import { fillDatabase } from "../../packages/platform/test/support/catalogue-in-postgres.ts";
import { postgresIsMissing } from "../../packages/platform/test/support/postgres-programs.ts";
import { PostgresServer } from "../../packages/platform/test/support/postgres-server.ts";
import { runInPostgres } from "../../packages/platform/test/support/run-in-postgres.ts";
import { command, repository } from "../command.ts";
import type { Verification } from "../verify.ts";

const numTables = 5;
const numQueries = 50;

export const verification: Verification = {
  name: "database",
  async run({ python, seed }) {
    const folder = mkdtempSync(join(tmpdir(), "verify-database-"));
    try {
      const script = join(repository, "tools/reference/database_reference.py");
      const counts = [seed, numTables, numQueries].map(String);
      const { code, output } = await command([python, script, folder, ...counts]);
      if (code !== 0) throw new Error(`database_reference.py failed (exit ${code}):\n${output}`);
      const verdicts: KindVerdict[] = [];
      for (const kind of kinds) verdicts.push(await verdictOf(kind, folder));
      verdicts.push(await postgresVerdict(folder));
      verdicts.push(await cachedVerdict(folder, python));
      return {
        passed: verdicts.reduce((sum, { passed }) => sum + passed, 0),
        failed: verdicts.reduce((sum, { failures }) => sum + failures.length, 0),
        lines: verdicts.flatMap(({ line, failures }) => [line, ...failures.slice(0, 5)]),
      };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

interface Kind {
  readonly name: string;
  /** Null: the table, or the query, has what such a database cannot. */
  open(folder: string, table: number): Promise<Database> | null;
  answers(query: HypercubeQuery): boolean;
}

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

interface KindVerdict {
  readonly passed: number;
  readonly failures: readonly string[];
  readonly line: string;
}

async function verdictOf(kind: Kind, folder: string): Promise<KindVerdict> {
  const failures: string[] = [];
  let [passed, numRows, numEmpty] = [0, 0, 0];
  for (let table = 0; table < numTables; table++) {
    const opened = kind.open(folder, table);
    if (opened === null) continue;
    await using database = await opened;
    for (const { query, rows, counts } of readJson<Case[]>(folder, `${table}.queries.json`)) {
      if (!kind.answers(query)) continue;
      const difference = await differenceOf(database, { query, rows, counts });
      if (difference === null) passed += 1;
      else failures.push(`FAIL  ${kind.name} ${table} ${JSON.stringify(query)}: ${difference}`);
      numRows += rows.length;
      if (rows.length === 0) numEmpty += 1;
    }
  }
  const total = passed + failures.length;
  const line = `${kind.name}: ${total} queries, ${numEmpty} of them without a row, ${numRows} rows`;
  return { passed, failures, line };
}

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
    folder,
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

interface Case {
  readonly query: HypercubeQuery;
  readonly rows: readonly ExpectedRow[];
  readonly counts: readonly (readonly [clause: string, remaining: number])[];
}

interface ExpectedRow {
  readonly name: readonly [roi: string, tile: string];
  /** Starts, then sizes, along T Z Y X. */
  readonly place: readonly number[];
  readonly occupancy: readonly (number | null)[];
  readonly cdf: readonly (readonly (number | null)[])[];
  readonly boxes: Boxes;
}

type Boxes = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

async function differenceOf(database: Database, expected: Case): Promise<string | null> {
  const found = await database.explain(expected.query);
  const steps = (counts: readonly (readonly [string, number])[]) =>
    counts.map(([clause, remaining]) => `${clause} ${remaining}`).join(", ");
  const ours = steps(found.map(({ clause, remaining }) => [clause, remaining]));
  if (ours !== steps(expected.counts)) return `${ours}; expected ${steps(expected.counts)}`;
  let row = 0;
  for await (const batch of database.hypercubes(expected.query, { channels: 3, boxes: true })) {
    for (let i = 0; i < batch.numRows; i++) {
      const wanted = expected.rows[row++];
      const difference = wanted ? rowDifference(batch, i, wanted) : "one row too many";
      if (difference) return `row ${row - 1}: ${difference}`;
    }
  }
  return row === expected.rows.length ? null : `${row} rows; expected ${expected.rows.length}`;
}

function rowDifference(batch: HypercubeBatch, i: number, wanted: ExpectedRow): string | null {
  const tile = batch.tiles[batch.tile[i] ?? -1];
  const name = [tile?.prepared_id, tile?.tile_name];
  const starts = [batch.time_start[i], batch.z_start[i], batch.y_start[i], batch.x_start[i]];
  const sizes = [batch.time_size[i], batch.z_size[i], batch.y_size[i], batch.x_size[i]];
  const place = [...name, ...starts, ...sizes].join(" ");
  const wantedPlace = [...wanted.name, ...wanted.place].join(" ");
  if (place !== wantedPlace) return `${place}; expected ${wantedPlace}`;
  const lists = { min_occupancy_ratios: wanted.occupancy, ...cdfNames(wanted.cdf) };
  for (const [statistic, values] of Object.entries(lists)) {
    for (const c of [0, 1, 2]) {
      const ours = batch.statistics[`${statistic}_ch_${c}`]?.[i] ?? Number.NaN;
      const theirs = values[c] ?? Number.NaN;
      const isSame = Number.isNaN(theirs) ? Number.isNaN(ours) : Math.abs(ours - theirs) < 1e-9;
      if (!isSame) return `${statistic} of channel ${c} is ${ours}; expected ${theirs}`;
    }
  }
  const ours = inOrder(JSON.parse(batch.boxes?.[i] ?? "{}") as Boxes);
  const theirs = inOrder(wanted.boxes);
  return ours === theirs ? null : `boxes ${ours}; expected ${theirs}`;
}

const cdfNames = (lists: ExpectedRow["cdf"]) =>
  Object.fromEntries([80, 90, 95, 99].map((p, i) => [`cdf_${p}`, lists[i] ?? []]));

/** Channels without a cell are left out; keys in order. */
function inOrder(boxes: Boxes): string {
  const sorted = (table: object) => Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1));
  const channels = sorted(boxes).map(([channel, cells]) => [channel, sorted(cells as object)]);
  return JSON.stringify(channels.filter(([, cells]) => (cells?.length ?? 0) > 0));
}

interface TableRow {
  readonly prepared_id: string;
  readonly tile_name: string;
  readonly occupancy: readonly (readonly number[])[];
  readonly cdf: Readonly<Record<string, readonly number[]>>;
  readonly boxes: Boxes;
  readonly [column: string]: unknown;
}

async function catalogueOf(folder: string, table: number): Promise<Database> {
  const catalogue_path = join(folder, `${table}.duckdb`);
  {
    await using writer = await CatalogueWriter.open(catalogue_path);
    for (const { tile, hypercubes } of rowsOf(folder, table)) await writer.put(tile, hypercubes);
  }
  return await DuckDbDatabase.open({ catalogue_path });
}

/** The tiles of a table, each with its rows. */
function rowsOf(folder: string, table: number) {
  const { tiles, rows } = readJson<{ tiles: TableRow[]; rows: TableRow[] }>(
    folder,
    `${table}.json`,
  );
  return tiles.map((tile) => {
    const own = rows.filter(
      (row) => row.prepared_id === tile.prepared_id && row.tile_name === tile.tile_name,
    );
    return { tile: tileOf(tile), hypercubes: own.map(statisticsOf) };
  });
}

type Put = Parameters<CatalogueWriter["put"]>;

function tileOf(tile: TableRow): Put[0] {
  const size = (axis: string) => Number(tile[`tile_${axis}_size`]);
  return {
    prepared_id: tile.prepared_id,
    tile_name: tile.tile_name,
    server_folder: "/data",
    output_folder: "out",
    array_path: "0",
    axes: "TZYXC",
    labels_path: tile.labels_path === null ? null : String(tile.labels_path),
    tracks_path: null,
    time_size: size("time"),
    z_size: size("z"),
    y_size: size("y"),
    x_size: size("x"),
    channel_size: Number(tile.channel_size),
    dtype: "uint16",
    z_um: null,
    y_um: null,
    x_um: null,
    frame_interval_s: null,
    hpf: tile.hpf === null ? null : Number(tile.hpf),
    is_synthetic: tile.is_synthetic === true,
    source: "verify",
    occupancy_thresholds: [],
  };
}

function statisticsOf(row: TableRow) {
  const counts = (percentile: number) => row.cdf[percentile] ?? [];
  const number = (name: string) => Number(row[name]);
  return {
    time_start: number("time_start"),
    z_start: number("z_start"),
    y_start: number("y_start"),
    x_start: number("x_start"),
    time_size: number("time_size"),
    z_size: number("z_size"),
    y_size: number("y_size"),
    x_size: number("x_size"),
    occupancy_ratios: row.occupancy,
    cdf_80: counts(80),
    cdf_90: counts(90),
    cdf_95: counts(95),
    cdf_99: counts(99),
    mask_bbox_dict: JSON.stringify(row.boxes),
  };
}

function readJson<Value>(folder: string, name: string): Value {
  return JSON.parse(readFileSync(join(folder, name), "utf8")) as Value;
}
