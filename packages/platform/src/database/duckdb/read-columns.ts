import {
  type DuckDBDataChunk,
  DuckDBDoubleVector,
  DuckDBIntegerVector,
  type DuckDBValue,
  type DuckDBVector,
} from "@duckdb/node-api";
import { CatalogueError } from "../errors.ts";
import type { ColumnArray, ColumnBatch } from "../sql/column-batch.ts";
import type { ColumnType, ColumnTypes } from "../sql/sql-reader.ts";

/** Puts the chunks of a result, of 2048 rows at most, behind each other in arrays. */
export function columnsOf(
  chunks: readonly DuckDBDataChunk[],
  types: ColumnTypes,
  place: string,
): ColumnBatch {
  const columns: Record<string, ColumnArray> = {};
  let numRows = 0;
  for (const [index, [name, type]] of Object.entries(types).entries()) {
    const vectors = chunks.map((chunk) => chunk.getColumnVector(index));
    numRows = vectors.reduce((sum, { itemCount }) => sum + itemCount, 0);
    columns[name] = readers[type](vectors, numRows, { name, place });
  }
  return { numRows, columns };
}

interface Column {
  readonly name: string;
  readonly place: string;
}

type ReadColumn = (
  vectors: readonly DuckDBVector[],
  numRows: number,
  column: Column,
) => ColumnArray;

/** A loop for each type of vector, which is thereby compiled to a read of its memory. */
const readers: Readonly<Record<ColumnType, ReadColumn>> = {
  integer(vectors, numRows, column) {
    const array = new Int32Array(numRows);
    let row = 0;
    for (const vector of vectors) {
      if (!(vector instanceof DuckDBIntegerVector)) {
        throw unfit(vector.itemCount > 0 ? vector.getItem(0) : null, "a whole number", column);
      }
      const { itemCount } = vector;
      for (let i = 0; i < itemCount; i++) {
        const value = vector.getItem(i);
        if (value === null) throw unfit(value, "a whole number", column);
        array[row++] = value;
      }
    }
    return array;
  },
  number(vectors, numRows, column) {
    const array = new Float64Array(numRows);
    let row = 0;
    for (const vector of vectors) {
      const { itemCount } = vector;
      if (vector instanceof DuckDBDoubleVector) {
        for (let i = 0; i < itemCount; i++) array[row++] = vector.getItem(i) ?? Number.NaN;
      } else {
        for (let i = 0; i < itemCount; i++) array[row++] = numberOf(vector.getItem(i), column);
      }
    }
    return array;
  },
  text(vectors, numRows, column) {
    const array = new Array<string | null>(numRows).fill(null);
    let row = 0;
    for (const vector of vectors) {
      const { itemCount } = vector;
      for (let i = 0; i < itemCount; i++) {
        const value = vector.getItem(i);
        if (value !== null && typeof value !== "string") throw unfit(value, "a text", column);
        array[row++] = value;
      }
    }
    return array;
  },
};

/** Counts are of 64 bits; NULL is NaN. */
function numberOf(value: DuckDBValue, column: Column): number {
  if (value === null) return Number.NaN;
  if (typeof value === "number" || typeof value === "bigint") return Number(value);
  throw unfit(value, "a number", column);
}

function unfit(value: DuckDBValue, expected: string, { name, place }: Column): CatalogueError {
  const found = value === null ? "nothing" : String(value).slice(0, 80);
  const message = `${place} has a row that is not as it should be: expected ${expected} in ${name}, found ${found}`;
  return new CatalogueError("CATALOGUE_ROW", message);
}
