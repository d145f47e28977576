import { createHash, type Hash } from "node:crypto";
import { RowError } from "../server/row-error.ts";
import type { SealedBatch } from "../server/sealed-batch.ts";
import { type ColumnArray, mostBatchRows } from "../sql/column-batch.ts";
import type { ColumnTypes } from "../sql/sql-reader.ts";
import type { Field, RowSink } from "./binary-query.ts";

import { TextDictionary } from "./text-dictionary.ts";

/** Makes columns of rows in PostgreSQL's binary format, and hands each batch on when it is full. */
export class BatchBuilder implements RowSink {
  readonly #types: ColumnTypes;
  readonly #onBatch: (sealed: SealedBatch) => void;
  readonly #mostRows: number;
  #columns: readonly ColumnBuilder[] = [];
  #numRows = 0;
  #hash: Hash = createHash("sha256");

  constructor(
    types: ColumnTypes,
    onBatch: (sealed: SealedBatch) => void,
    mostRows = mostBatchRows,
  ) {
    this.#types = types;
    this.#onBatch = onBatch;
    this.#mostRows = mostRows;
  }

  begin(fields: readonly Field[]): void {
    const types = Object.entries(this.#types);
    if (fields.length !== types.length) {
      throw new RowError(`expected ${types.length} columns, got ${fields.length}`);
    }
    this.#columns = types.map(([name, type], i) => {
      const Builder = builders[type];
      return new Builder(name, fields[i]?.dataTypeID ?? 0, this.#mostRows);
    });
  }

  rows(bytes: Buffer): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let numRows = 0;
    let sealedTo = 0;
    for (let at = 0; at < bytes.length; numRows += 1) {
      const end = at + 1 + view.getInt32(at + 1);
      this.#row(view, at + 7, end);
      at = end;
      if (this.#numRows < this.#mostRows) continue;
      this.#hash.update(bytes.subarray(sealedTo, at));
      this.seal();
      sealedTo = at;
    }
    this.#hash.update(bytes.subarray(sealedTo));
    return numRows;
  }

  /** Hands on what has come, unless it is nothing. */
  seal(): void {
    if (this.#numRows === 0) return;
    const names = Object.keys(this.#types);
    const columns = Object.fromEntries(
      this.#columns.map((column, i) => [names[i] ?? "", column.take(this.#numRows)]),
    );
    const numRows = this.#numRows;
    const digest = this.#hash.digest("hex");
    this.#numRows = 0;
    this.#hash = createHash("sha256");
    this.#onBatch({ batch: { numRows, columns }, digest });
  }

  #row(bytes: DataView, start: number, end: number): void {
    let at = start;
    for (const column of this.#columns) {
      const length = bytes.getInt32(at);
      at += 4;
      column.put(this.#numRows, bytes, at, length);
      if (length > 0) at += length;
    }
    if (at !== end) throw new RowError(`expected a row of ${end - start} bytes, got ${at - start}`);
    this.#numRows += 1;
  }
}

interface ColumnBuilder {
  /** @param length - bytes of the value; -1: NULL. */
  put(row: number, bytes: DataView, at: number, length: number): void;
  /** The first values, in an array that is not written to again. */
  take(numRows: number): ColumnArray;
}

/** Numbers of `pg_type`, the same in every PostgreSQL. */
const oid = {
  int8: 20,
  int2: 21,
  int4: 23,
  float4: 700,
  float8: 701,
  numeric: 1700,
  jsonb: 3802,
} as const;
const texts = [25, 1043, 1042, 19, 114, 3802, 705]; // text, varchar, bpchar, name, json, jsonb, unknown

class IntegerBuilder implements ColumnBuilder {
  readonly #name: string;
  #values: Int32Array;

  constructor(name: string, type: number, mostRows: number) {
    requireType(name, type, [oid.int2, oid.int4, oid.int8], "a whole number");
    this.#name = name;
    this.#values = new Int32Array(mostRows);
  }

  put(row: number, bytes: DataView, at: number, length: number): void {
    if (length === 4) this.#values[row] = bytes.getInt32(at);
    else if (length === 2) this.#values[row] = bytes.getInt16(at);
    else if (length === 8) this.#values[row] = this.#small(bytes.getBigInt64(at));
    else throw new RowError(`${this.#name} is NULL in a row, and must not be`);
  }

  take(numRows: number): Int32Array {
    const full = this.#values;
    this.#values = new Int32Array(full.length);
    return numRows === full.length ? full : full.slice(0, numRows);
  }

  #small(value: bigint): number {
    const small = Number(BigInt.asIntN(32, value));
    if (BigInt(small) === value) return small;
    throw new RowError(`${this.#name} is ${value} in a row, which is too large`);
  }
}

class NumberBuilder implements ColumnBuilder {
  readonly #valueAt: (bytes: DataView, at: number, length: number) => number;
  #values: Float64Array;

  constructor(name: string, type: number, mostRows: number) {
    const { int2, int4, int8, float4, float8, numeric } = oid;
    requireType(name, type, [int2, int4, int8, float4, float8, numeric], "a number");
    const isFloat = type === float4 || type === float8;
    this.#valueAt = isFloat ? floatAt : type === numeric ? numericAt : integerAt;
    this.#values = new Float64Array(mostRows);
  }

  put(row: number, bytes: DataView, at: number, length: number): void {
    this.#values[row] = length < 0 ? Number.NaN : this.#valueAt(bytes, at, length);
  }

  take(numRows: number): Float64Array {
    const full = this.#values;
    this.#values = new Float64Array(full.length);
    return numRows === full.length ? full : full.slice(0, numRows);
  }
}

function floatAt(bytes: DataView, at: number, length: number): number {
  return length === 8 ? bytes.getFloat64(at) : bytes.getFloat32(at);
}

function integerAt(bytes: DataView, at: number, length: number): number {
  if (length === 4) return bytes.getInt32(at);
  return length === 8 ? Number(bytes.getBigInt64(at)) : bytes.getInt16(at);
}

/**
 * The double nearest to a NUMERIC: counts of digits, of digits before the point less one, the sign,
 * and of decimals; then its digits to the base of 10,000.
 *
 * Source: PostgreSQL 15, src/backend/utils/adt/numeric.c, `numeric_send`.
 */
function numericAt(bytes: DataView, at: number): number {
  const numDigits = bytes.getInt16(at);
  const weight = bytes.getInt16(at + 2);
  const sign = bytes.getUint16(at + 4);
  if (sign === 0xd000) return Number.POSITIVE_INFINITY;
  if (sign === 0xf000) return Number.NEGATIVE_INFINITY;
  if (sign === 0xc000) return Number.NaN;
  let digits = "0";
  for (let i = 0; i < numDigits; i++) {
    digits += String(bytes.getInt16(at + 8 + 2 * i)).padStart(4, "0");
  }
  const value = Number(`${digits}e${4 * (weight - numDigits + 1)}`);
  return sign === 0x4000 ? -value : value;
}

class TextBuilder implements ColumnBuilder {
  readonly #skip: number;
  readonly #mostRows: number;
  #dictionary = new TextDictionary();
  #values: (string | null)[];

  constructor(name: string, type: number, mostRows: number) {
    requireType(name, type, texts, "a text");
    this.#skip = type === oid.jsonb ? 1 : 0; // its version comes first
    this.#mostRows = mostRows;
    this.#values = new Array<string | null>(mostRows).fill(null);
  }

  put(row: number, bytes: DataView, at: number, length: number): void {
    this.#values[row] =
      length < 0 ? null : this.#dictionary.textOf(bytes, at + this.#skip, length - this.#skip);
  }

  take(numRows: number): readonly (string | null)[] {
    const full = this.#values;
    this.#values = new Array<string | null>(this.#mostRows).fill(null);
    // A column in which every row is another text would else be kept as a whole.
    if (this.#dictionary.size > this.#mostRows / 4) this.#dictionary = new TextDictionary();
    return numRows === full.length ? full : full.slice(0, numRows);
  }
}

const builders = { integer: IntegerBuilder, number: NumberBuilder, text: TextBuilder } as const;

function requireType(name: string, type: number, known: readonly number[], what: string): void {
  if (known.includes(type)) return;
  throw new RowError(
    `${name} is expected to be ${what}; its type in the database is number ${type}`,
  );
}
