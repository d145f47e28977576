import { dirname, resolve } from "node:path";
import {
  DOUBLE,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  listValue,
  VARCHAR,
} from "@duckdb/node-api";
import type { ClauseCount, CubeShape, Database, QueryOptions } from "../database.ts";
import { CatalogueError } from "../errors.ts";
import type { HypercubeQuery } from "../hypercube-query.ts";
import { type HypercubeRecord, HypercubeStatistics, TileRecord } from "../hypercube-record.ts";
import { connectToRead, type OpenCatalogue } from "./connect.ts";
import { type BoundValue, clausesOf, selectSql } from "./where.ts";

export interface DuckDbConfig {
  readonly catalogue_path: string;
  /** Replaces the `server_folder` of every row; null: as in the catalogue. */
  readonly server_folder_path?: string | null;
}

/** A catalogue in a DuckDB file. Relative folders in it are relative to the file's own folder. */
export class DuckDbDatabase implements Database {
  readonly kind = "duckdb";
  readonly #catalogue: OpenCatalogue;
  readonly #serverFolder: (stored: string) => string;
  readonly #running = new Set<Promise<unknown>>();
  #isClosed = false;

  private constructor(catalogue: OpenCatalogue, serverFolder: string | null) {
    this.#catalogue = catalogue;
    const home = dirname(resolve(catalogue.path));
    this.#serverFolder = (stored) => resolve(home, serverFolder ?? stored);
  }

  /** @throws {@link CatalogueError} CATALOGUE_MISSING or CATALOGUE_OPEN. */
  static async open({ catalogue_path, server_folder_path }: DuckDbConfig): Promise<DuckDbDatabase> {
    const folder = server_folder_path ? resolve(server_folder_path) : null;
    return new DuckDbDatabase(await connectToRead(catalogue_path), folder);
  }

  async *hypercubes(
    query: HypercubeQuery,
    { signal }: QueryOptions = {},
  ): AsyncGenerator<HypercubeRecord, void, undefined> {
    const { sql, values } = selectSql(query, clausesOf(query), "*");
    for await (const row of this.#rows(sql, values, signal)) yield this.#hypercube(row);
  }

  async *tiles({ signal }: QueryOptions = {}): AsyncGenerator<TileRecord, void, undefined> {
    const sql = "SELECT * FROM tiles ORDER BY prepared_id, tile_name";
    for await (const row of this.#rows(sql, {}, signal)) {
      const tile = this.#checked(TileRecord, row);
      yield { ...tile, server_folder: this.#serverFolder(tile.server_folder) };
    }
  }

  async explain(
    query: HypercubeQuery,
    { signal }: QueryOptions = {},
  ): Promise<readonly ClauseCount[]> {
    const { max_rois, max_tiles, max_hypercubes, ...filters } = query;
    const clauses = clausesOf(filters);
    const limits = { max_rois, max_tiles, max_hypercubes };
    const counts: ClauseCount[] = [];
    for (let length = 0; length <= clauses.length; length++) {
      const clause = clauses[length - 1]?.name ?? "all";
      const { unordered: sql, values } = selectSql(
        {},
        clauses.slice(0, length),
        "count(*)::INTEGER AS n",
      );
      counts.push({ clause, remaining: await this.#count(sql, values, signal) });
    }
    const applied: HypercubeQuery = {};
    for (const [clause, limit] of Object.entries(limits)) {
      if (!limit) continue;
      Object.assign(applied, { [clause]: limit });
      const { unordered, values } = selectSql(applied, clauses, "count(*)::INTEGER AS n");
      counts.push({ clause, remaining: await this.#count(unordered, values, signal) });
    }
    return counts;
  }

  async cubeShapes({ signal }: QueryOptions = {}): Promise<readonly CubeShape[]> {
    const sql = `SELECT time_size, z_size, y_size, x_size, count(*)::INTEGER AS n FROM hypercubes
      GROUP BY ALL ORDER BY ALL`;
    const shapes: CubeShape[] = [];
    for await (const row of this.#rows(sql, {}, signal)) {
      const size = (name: string) => Number(row[name]);
      const shape = [size("time_size"), size("z_size"), size("y_size"), size("x_size")] as const;
      shapes.push({ shape, count: size("n") });
    }
    return shapes;
  }

  /** Ends queries that still run, and waits for them: closing under one would end the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    if (this.#running.size > 0) this.#catalogue.connection.interrupt();
    await Promise.allSettled(this.#running);
    this.#catalogue[Symbol.dispose]();
  }

  async #count(sql: string, values: Values, signal: AbortSignal | undefined): Promise<number> {
    for await (const row of this.#rows(sql, values, signal)) return Number(row.n);
    return 0;
  }

  /** Rows as they come, a few thousand at a time; an abort interrupts the query. */
  async *#rows(
    sql: string,
    values: Values,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Row, void, undefined> {
    signal?.throwIfAborted();
    const { connection, path } = this.#catalogue;
    const interrupt = () => connection.interrupt();
    signal?.addEventListener("abort", interrupt);
    try {
      const result = await this.#native(() => connection.stream(sql, ...bound(values)));
      const batches = result.yieldRowObjectJs();
      for (;;) {
        const { done, value } = await this.#native(() => batches.next());
        if (done) return;
        yield* value;
        signal?.throwIfAborted();
      }
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof CatalogueError) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new CatalogueError("CATALOGUE_QUERY", `${path} cannot answer: ${why}`, cause);
    } finally {
      signal?.removeEventListener("abort", interrupt);
    }
  }

  async #native<Value>(call: () => Promise<Value>): Promise<Value> {
    if (this.#isClosed) throw new Error("it was closed");
    const running = call();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  #hypercube(row: Row): HypercubeRecord {
    const size = (name: string) => Number(row[name]);
    const statistics = this.#checked(HypercubeStatistics, pick(row, statisticsKeys));
    return {
      ...statistics,
      prepared_id: String(row.prepared_id),
      tile_name: String(row.tile_name),
      server_folder: this.#serverFolder(String(row.server_folder)),
      output_folder: String(row.output_folder),
      array_path: String(row.array_path),
      axes: String(row.axes),
      labels_path: row.labels_path === null ? null : String(row.labels_path),
      channel_size: size("channel_size"),
      dtype: String(row.dtype),
      hpf: row.hpf === null ? null : size("hpf"),
      is_synthetic: row.is_synthetic === true,
      tile_shape: [
        size("tile_time_size"),
        size("tile_z_size"),
        size("tile_y_size"),
        size("tile_x_size"),
        size("tile_channel_size"),
      ],
    };
  }

  #checked<Value>(schema: Schema<Value>, row: unknown): Value {
    const parsed = schema.safeParse(row);
    if (parsed.success) return parsed.data;
    const message = `${this.#catalogue.path} holds a row that is not as it should be: ${parsed.error.message}`;
    throw new CatalogueError("CATALOGUE_ROW", message, parsed.error);
  }
}

type Row = Readonly<Record<string, unknown>>;
type Values = Readonly<Record<string, BoundValue>>;

interface Schema<Value> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: Value }
    | { readonly success: false; readonly error: Error };
}

const statisticsKeys = [
  "time_start",
  "z_start",
  "y_start",
  "x_start",
  "time_size",
  "z_size",
  "y_size",
  "x_size",
  "occupancy_ratios",
  "cdf_80",
  "cdf_90",
  "cdf_95",
  "cdf_99",
] as const;

function pick(row: Row, keys: readonly string[]): Row {
  return Object.fromEntries(keys.map((key) => [key, row[key]]));
}

type Bound = [values: Record<string, DuckDBValue>, types: Record<string, DuckDBType>];

/** The type of a list is always given: an empty one has none of its own. */
function bound(values: Values): Bound {
  const [plain, types]: Bound = [{}, {}];
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === "object") {
      plain[name] = listValue([...value]);
      types[name] = LIST(value.some((item) => typeof item === "string") ? VARCHAR : DOUBLE);
    } else {
      plain[name] = value;
    }
  }
  return [plain, types];
}
