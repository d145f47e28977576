import { createHash } from "node:crypto";
import { RowError } from "../server/row-error.ts";
import type { SealedBatch } from "../server/sealed-batch.ts";
import { type ColumnArray, mostBatchRows } from "../sql/column-batch.ts";
import type { ColumnType, ColumnTypes } from "../sql/sql-reader.ts";

/** What Trino calls the types that a column may have. */
const known: Readonly<Record<ColumnType, RegExp>> = {
  integer: /^(?:tinyint|smallint|integer|bigint)$/,
  number: /^(?:tinyint|smallint|integer|bigint|real|double|decimal\(.*\))$/,
  text: /^(?:varchar|char|json|unknown)(?:\(\d+\))?$/,
};

/** Makes columns of rows in Trino's JSON. A value of another type than its column's is an error. */
export class RowBatcher {
  readonly #types: readonly (readonly [name: string, type: ColumnType])[];
  readonly #mostRows: number;
  #rows: (readonly unknown[])[] = [];

  constructor(types: ColumnTypes, mostRows = mostBatchRows) {
    this.#types = Object.entries(types);
    this.#mostRows = mostRows;
  }

  begin(columns: readonly { readonly name: string; readonly type: string }[]): void {
    if (columns.length !== this.#types.length) {
      throw new RowError(`expected ${this.#types.length} columns, got ${columns.length}`);
    }
    for (const [i, { type }] of columns.entries()) {
      const [name, wanted] = this.#types[i] ?? ["", "text"];
      if (!known[wanted].test(type)) {
        throw new RowError(`${name} is expected to be ${wanted}; in the database it is ${type}`);
      }
    }
  }

  *add(rows: readonly (readonly unknown[])[]): Generator<SealedBatch> {
    for (const row of rows) {
      if (row.length !== this.#types.length) {
        throw new RowError(`expected ${this.#types.length} values in a row, got ${row.length}`);
      }
      this.#rows.push(row);
      if (this.#rows.length === this.#mostRows) yield this.#seal();
    }
  }

  *rest(): Generator<SealedBatch> {
    if (this.#rows.length > 0) yield this.#seal();
  }

  #seal(): SealedBatch {
    const rows = this.#rows;
    this.#rows = [];
    const columns: Record<string, ColumnArray> = {};
    const hash = createHash("sha256");
    for (const [i, [name, type]] of this.#types.entries()) {
      const column = builders[type](rows, i, name);
      columns[name] = column;
      hash.update(ArrayBuffer.isView(column) ? column : JSON.stringify(column));
    }
    return { batch: { numRows: rows.length, columns }, digest: hash.digest("hex") };
  }
}

type Builder = (rows: readonly (readonly unknown[])[], i: number, name: string) => ColumnArray;

const builders: Readonly<Record<ColumnType, Builder>> = {
  integer: (rows, i, name) =>
    Int32Array.from(rows, (row) => {
      const value = row[i];
      if (Number.isInteger(value) && (value as number) === ((value as number) | 0)) {
        return value as number;
      }
      throw wrong(name, value, "a whole number of 32 bits");
    }),
  number: (rows, i, name) => Float64Array.from(rows, (row) => numberOf(row[i], name)),
  text: (rows, i, name) =>
    rows.map((row) => {
      const value = row[i];
      if (typeof value === "string" || value === null) return value;
      throw wrong(name, value, "a text");
    }),
};

/** A DECIMAL is a text, and so is what JSON has no number for. */
function numberOf(value: unknown, name: string): number {
  if (value === null) return Number.NaN;
  if (typeof value === "number") return value;
  const isNumber = /^(?:-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|-?Infinity|NaN)$/;
  if (typeof value === "string" && isNumber.test(value)) return Number(value);
  throw wrong(name, value, "a number");
}

function wrong(name: string, value: unknown, what: string): RowError {
  const said = JSON.stringify(value)?.slice(0, 80);
  return new RowError(`${name} is ${said} in a row, and is expected to be ${what}`);
}
