import {
  DOUBLE,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  VARCHAR,
} from "@duckdb/node-api";
import { connectToFiles, connectToScratch, type OpenCatalogue } from "../duckdb/connect.ts";
import { DuckDbReader } from "../duckdb/duckdb-reader.ts";
import { literal } from "../duckdb/row-files.ts";
import type { HypercubeBatch } from "../hypercube-batch.ts";
import type { TileRecord } from "../hypercube-record.ts";
import type { HypercubeTable } from "../hypercube-table.ts";
import { type ColumnBatch, integers } from "../sql/column-batch.ts";
import { compiled, type Sql, sql } from "../sql/fragment.ts";
import { placesOf } from "../sql/places-of.ts";
import { readTiles } from "../sql/read-tiles.ts";
import type { ColumnType, ColumnTypes, Statement } from "../sql/sql-reader.ts";
import { placeTypes, tileTypes } from "../sql/statements.ts";

const chunkRows = 2048;
const duckDbTypes: Readonly<Record<ColumnType, DuckDBType>> = {
  integer: INTEGER,
  number: DOUBLE,
  text: VARCHAR,
};

/** A tile's own sizes, beside the hypercube's in one row. */
const sizes = new Set(["time_size", "z_size", "y_size", "x_size"]);
const columnOfTile = (name: string) => (sizes.has(name) ? `tile_${name}` : name);

/**
 * Writes a table as Parquet, a row for each hypercube with its tile's columns: the file is itself a
 * catalogue that can be opened.
 */
export async function writeRows(table: HypercubeTable, path: string): Promise<void> {
  using scratch = await connectToScratch(path);
  await append(scratch, "tiles", tileTypes, tileColumns(table));
  await append(scratch, "places", placeTypes, placeColumns(table));
  const ofTile = Object.keys(tileTypes).map((name) => `tiles.${name} AS ${columnOfTile(name)}`);
  const ofPlace = Object.keys(placeTypes).map((name) => `places.${name}`);
  const columns = [...ofPlace, ...ofTile].join(", ");
  await scratch.connection.run(`COPY (SELECT places.row_no, ${columns} FROM places
    JOIN tiles ON tiles.row_no = places.tile_no ORDER BY places.row_no)
    TO ${literal(path).parts.join("")} (FORMAT parquet, COMPRESSION zstd)`);
}

/** The rows that {@link writeRows} wrote, in their order. */
export async function* readRows(
  path: string,
  {
    signal,
    server_folder_path,
  }: { readonly signal: AbortSignal | undefined; readonly server_folder_path: string | null },
): AsyncGenerator<HypercubeBatch, void, undefined> {
  await using reader = new DuckDbReader(await connectToFiles(path, [path]));
  await using session = await reader.session();
  const file = sql`read_parquet(${literal(path)})`;
  const names = Object.keys(tileTypes).map(
    (name): Sql => ({ parts: [`any_value(${columnOfTile(name)}) AS ${name}`] }),
  );
  const list = names.reduce((all, name) => sql`${all}, ${name}`);
  const tiles: TileRecord[] = [];
  const numbers: number[] = [];
  const ofTiles = sql`SELECT ${list}, tile_no FROM ${file} GROUP BY tile_no ORDER BY tile_no`;
  const numbered = { ...tileTypes, tile_no: "integer" } as const;
  for await (const batch of session.rows(statement(ofTiles, numbered), signal)) {
    numbers.push(...integers(batch, "tile_no"));
    for (const tile of readTiles(batch, path)) {
      tiles.push({ ...tile, server_folder: server_folder_path ?? tile.server_folder });
    }
  }
  const places = Object.keys(placeTypes).map((name): Sql => ({ parts: [name] }));
  const ofPlaces = sql`SELECT ${places.reduce((all, name) => sql`${all}, ${name}`)}
    FROM ${file} ORDER BY row_no`;
  for await (const batch of session.rows(statement(ofPlaces, placeTypes), signal)) {
    yield { ...hypercubesOf(batch, tiles), tile: renumbered(integers(batch, "tile_no"), numbers) };
  }
}

/** Tiles that no row is of are not in the file: numbers of those after them have gaps before them. */
function renumbered(numbers: Int32Array, known: readonly number[]): Int32Array {
  const places = new Map(known.map((number, place) => [number, place]));
  return numbers.map((number) => places.get(number) ?? -1);
}

function statement(text: Sql, types: ColumnTypes): Statement {
  return { ...compiled(text, (number) => `$${number}`), types };
}

function hypercubesOf(
  batch: ColumnBatch,
  tiles: readonly TileRecord[],
): Omit<HypercubeBatch, "tile"> {
  return {
    numRows: batch.numRows,
    tiles,
    ...placesOf(batch),
    statistics: {},
    boxes: null,
  };
}

interface RowValues {
  readonly numRows: number;
  value(name: string, row: number): DuckDBValue;
}

function tileColumns({ tiles }: HypercubeTable): RowValues {
  return {
    numRows: tiles.length,
    value(name, row) {
      const tile = tiles[row];
      if (name === "occupancy_thresholds") return JSON.stringify(tile?.occupancy_thresholds ?? []);
      if (name === "is_synthetic") return tile?.is_synthetic ? 1 : 0;
      return (tile?.[name as keyof TileRecord] ?? null) as DuckDBValue;
    },
  };
}

function placeColumns(table: HypercubeTable): RowValues {
  const edges = { time_size: 0, z_size: 1, y_size: 2, x_size: 3 } as const;
  return {
    numRows: table.numRows,
    value(name, row) {
      if (name === "tile_no") return table.tile[row] ?? 0;
      if (name in edges) {
        return table.shapes[table.shape[row] ?? 0]?.[edges[name as keyof typeof edges]] ?? 0;
      }
      const starts = table[name as "time_start" | "z_start" | "y_start" | "x_start"];
      return starts[row] ?? 0;
    },
  };
}

async function append(
  { connection }: OpenCatalogue,
  name: string,
  types: ColumnTypes,
  { numRows, value }: RowValues,
): Promise<void> {
  const columns = Object.entries(types);
  const text = columns.map(([column, type]) => `${column} ${duckDbTypes[type]}`).join(", ");
  await connection.run(`CREATE TABLE ${name} (row_no INTEGER, ${text})`);
  const appender = await connection.createAppender(name);
  const all = [INTEGER, ...columns.map(([, type]) => duckDbTypes[type])];
  for (let first = 0; first < numRows; first += chunkRows) {
    const length = Math.min(chunkRows, numRows - first);
    const rows = Array.from({ length }, (_, i) => first + i);
    const chunk = DuckDBDataChunk.create(all, length);
    chunk.setColumnValues(0, rows);
    for (const [i, [column]] of columns.entries()) {
      chunk.setColumnValues(
        i + 1,
        rows.map((row) => value(column, row)),
      );
    }
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
