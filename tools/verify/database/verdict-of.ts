import type {
  Database,
  HypercubeBatch,
  HypercubeQuery,
} from "../../../packages/platform/src/database/index.ts";
import { type Boxes, readJson } from "./table-rows.ts";

/** A kind of database that has some of the tables, and answers some of the queries. */
export interface Kind {
  readonly name: string;
  /** Null: the table, or the query, has what such a database cannot. */
  open(folder: string, table: number): Promise<Database> | null;
  answers(query: HypercubeQuery): boolean;
}

export interface KindVerdict {
  readonly passed: number;
  readonly failures: readonly string[];
  readonly line: string;
}

/** Asks what `database_reference.py` has answered in a folder. */
export async function verdictOf(
  kind: Kind,
  { folder, numTables }: { readonly folder: string; readonly numTables: number },
): Promise<KindVerdict> {
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
