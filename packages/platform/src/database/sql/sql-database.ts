import type { ClauseCount, CubeShape, Database, QueryOptions, TileOptions } from "../database.ts";
import { CatalogueError } from "../errors.ts";
import type { HypercubeBatch, HypercubeOptions } from "../hypercube-batch.ts";
import type { HypercubeQuery } from "../hypercube-query.ts";
import type { TileRecord } from "../hypercube-record.ts";
import { type ColumnBatch, integers, numbers, texts } from "./column-batch.ts";
import { countings } from "./countings.ts";
import { placesOf } from "./places-of.ts";
import { readTiles } from "./read-tiles.ts";
import { requireQuery } from "./require-query.ts";
import type { SqlSession, Statement } from "./sql-reader.ts";
import type { SqlSource } from "./sql-source.ts";
import { hypercubesStatement, shapesStatement, tilesStatement } from "./statements.ts";

/** A database that is asked in SQL: every statement is made here, only the source differs. */
export class SqlDatabase implements Database {
  readonly #source: SqlSource;
  readonly #folderOf: (stored: string) => string;

  /** @param folderOf - where a stored `server_folder` is on this machine. */
  constructor(source: SqlSource, folderOf: (stored: string) => string = (stored) => stored) {
    this.#source = source;
    this.#folderOf = folderOf;
  }

  get kind(): string {
    return this.#source.kind;
  }

  get place(): string {
    return this.#source.place;
  }

  async *hypercubes(
    query: HypercubeQuery,
    options: HypercubeOptions = {},
  ): AsyncGenerator<HypercubeBatch, void, undefined> {
    requireQuery(query);
    const { signal, boxes = false } = options;
    await using session = await this.#session(signal);
    const tiles: TileRecord[] = [];
    for await (const tile of this.#tiles(session, query, signal)) tiles.push(tile);
    const statement = hypercubesStatement(this.#source, query, options);
    const statistics = Object.keys(statement.types).filter(
      (name) => statement.types[name] === "number",
    );
    for await (const batch of session.rows(statement, signal)) {
      yield {
        numRows: batch.numRows,
        tiles,
        tile: this.#tileNumbers(batch, tiles.length),
        ...placesOf(batch),
        statistics: Object.fromEntries(statistics.map((name) => [name, numbers(batch, name)])),
        boxes: boxes ? texts(batch, "boxes") : null,
      };
    }
  }

  async *tiles({
    signal,
    query = {},
  }: TileOptions = {}): AsyncGenerator<TileRecord, void, undefined> {
    requireQuery(query);
    await using session = await this.#session(signal);
    yield* this.#tiles(session, query, signal);
  }

  async explain(
    query: HypercubeQuery,
    { signal }: QueryOptions = {},
  ): Promise<readonly ClauseCount[]> {
    requireQuery(query);
    await using session = await this.#session(signal);
    const counts: ClauseCount[] = [];
    for (const { names, statement } of countings(this.#source, query)) {
      const row = await this.#onlyRow(session, statement, signal);
      for (const [i, clause] of names.entries()) {
        const remaining = numbers(row, `step_${i}`)[0] ?? 0;
        const before = counts.at(-1)?.remaining ?? remaining;
        counts.push({ clause, removed: before - remaining, remaining });
      }
    }
    return counts;
  }

  async cubeShapes({ signal }: QueryOptions = {}): Promise<readonly CubeShape[]> {
    await using session = await this.#session(signal);
    const shapes: CubeShape[] = [];
    for await (const batch of session.rows(shapesStatement(this.#source), signal)) {
      for (let row = 0; row < batch.numRows; row++) {
        const size = (name: string) => integers(batch, name)[row] ?? 0;
        const shape = [size("time_size"), size("z_size"), size("y_size"), size("x_size")] as const;
        shapes.push({ shape, count: numbers(batch, "num_cubes")[row] ?? 0 });
      }
    }
    return shapes;
  }

  /** Ends statements that still run, and waits for them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source.reader[Symbol.asyncDispose]();
  }

  #session(signal: AbortSignal | undefined): Promise<SqlSession> {
    signal?.throwIfAborted();
    return this.#source.reader.session(signal);
  }

  async *#tiles(
    session: SqlSession,
    query: HypercubeQuery,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<TileRecord, void, undefined> {
    const statement = tilesStatement(this.#source, query);
    let last: TileRecord | undefined;
    for await (const batch of session.rows(statement, signal)) {
      for (const tile of readTiles(batch, this.place)) {
        if (last?.prepared_id === tile.prepared_id && last.tile_name === tile.tile_name) {
          const message = `${this.place} has the tile ${tile.prepared_id}/${tile.tile_name} twice, with different facts`;
          throw new CatalogueError("CATALOGUE_ROW", message);
        }
        last = tile;
        yield { ...tile, server_folder: this.#folderOf(tile.server_folder) };
      }
    }
  }

  /** Where the tiles changed between the two statements, numbers may lead beyond the list. */
  #tileNumbers(batch: ColumnBatch, numTiles: number): Int32Array {
    const tile = integers(batch, "tile_no");
    if (tile.every((number) => number >= 0 && number < numTiles)) return tile;
    const message = `${this.place} has changed while it was read: a row is of a tile that was not there`;
    throw new CatalogueError("CATALOGUE_QUERY", message);
  }

  async #onlyRow(
    session: SqlSession,
    statement: Statement,
    signal: AbortSignal | undefined,
  ): Promise<ColumnBatch> {
    for await (const batch of session.rows(statement, signal)) return batch;
    throw new CatalogueError("CATALOGUE_QUERY", `${this.place} gave no row for a count`);
  }
}
