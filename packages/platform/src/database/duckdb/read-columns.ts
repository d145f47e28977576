import type { DuckDBDataChunk, DuckDBValue } from "@duckdb/node-api";
import { CatalogueError } from "../errors.ts";
import type { ColumnArray, ColumnBatch } from "../sql/column-batch.ts";
import type { ColumnType, ColumnTypes } from "../sql/sql-reader.ts";

/** Puts the chunks of a result, of 2048 rows at most, behind each other in arrays. */
export function columnsOf(
  chunks: readonly DuckDBDataChunk[],
  types: ColumnTypes,
  place: string,
): ColumnBatch {
  const numRows = chunks.reduce((sum, { rowCount }) => sum + rowCount, 0);
  const columns: Record<string, ColumnArray> = {};
  for (const [index, [name, type]] of Object.entries(types).entries()) {
    const column = { index, name, place };
    columns[name] = readers[type](chunks, numRows, column);
  }
  return { numRows, columns };
}

interface Column {
  readonly index: number;
  readonly name: string;
  readonly place: string;
}

type ReadColumn = (
  chunks: readonly DuckDBDataChunk[],
  numRows: number,
  column: Column,
) => ColumnArray;

const readers: Readonly<Record<ColumnType, ReadColumn>> = {
  integer(chunks, numRows, column) {
    const array = new Int32Array(numRows);
    eachValue(chunks, column, (value, row) => {
      if (typeof value !== "number") throw unfit(value, "a whole number", column);
      array[row] = value;
    });
    return array;
  },
  number(chunks, numRows, column) {
    const array = new Float64Array(numRows).fill(Number.NaN);
    eachValue(chunks, column, (value, row) => {
      if (value === null) return;
      if (typeof value !== "number" && typeof value !== "bigint") {
        throw unfit(value, "a number", column);
      }
      array[row] = Number(value);
    });
    return array;
  },
  text(chunks, numRows, column) {
    const array = new Array<string | null>(numRows).fill(null);
    eachValue(chunks, column, (value, row) => {
      if (value !== null && typeof value !== "string") throw unfit(value, "a text", column);
      array[row] = value;
    });
    return array;
  },
};

function eachValue(
  chunks: readonly DuckDBDataChunk[],
  { index }: Column,
  see: (value: DuckDBValue, row: number) => void,
): void {
  let row = 0;
  for (const chunk of chunks) {
    const vector = chunk.getColumnVector(index);
    const { itemCount } = vector; // `chunk.rowCount` is a call into DuckDB each time
    for (let i = 0; i < itemCount; i++) see(vector.getItem(i), row++);
  }
}

function unfit(value: DuckDBValue, expected: string, { name, place }: Column): CatalogueError {
  const found = value === null ? "nothing" : String(value).slice(0, 80);
  const message = `${place} has a row that is not as it should be: expected ${expected} in ${name}, found ${found}`;
  return new CatalogueError("CATALOGUE_ROW", message);
}
