import type { BoundType, Sql } from "./fragment.ts";

/**
 * What differs between SQL dialects. Everything else that statements use is in all of them: WITH,
 * window functions, `count(*) FILTER (WHERE ...)`, `bool_or`, CAST AS INTEGER and BIGINT, `%`.
 *
 * Arrays count from 1. An argument is a piece of SQL, never a text from outside.
 */
export interface Dialect {
  readonly kind: "duckdb" | "postgres" | "trino";
  /** Text of the nth parameter (from 1), with its type where the server could not know it. */
  parameterMarker(number: number, type: BoundType): string;
  /** Whether `value` is one of a bound list; never NULL when `value` is not. */
  isOneOf(value: Sql, list: Sql, type: "texts" | "numbers"): Sql;
  /** A double as it is, and NULL for NaN: no database is to take it for a number. */
  finite(value: Sql): Sql;
  /** Element of an array of doubles; NULL when there is none, or no array, or NaN. */
  element(array: Sql, place: number): Sql;
  /** The least of an array of doubles; NULL when one of them is NULL or NaN, or there is none. */
  least(array: Sql): Sql;
  /**
   * An item after FROM, `, ${unnest(...)}`: a row (value, place) for each element of an array of the
   * row before it, place from 1. An array that is NULL or empty gives no row.
   */
  unnest(array: Sql, names: { readonly table: Sql; readonly value: Sql; readonly place: Sql }): Sql;
  /** Aggregate: the array of all values, NULLs too, in the order of `by`. */
  gather(value: Sql, by: Sql): Sql;
  /** Aggregate: the texts, with a comma between, in the order of `by`. */
  gatherTexts(text: Sql, by: Sql): Sql;
  /**
   * An item after FROM, as `unnest`: a row (channel, cell, z0, y0, x0, z1, y1, x1), all BIGINT, for
   * each box of a JSON text `{"CHANNEL": {"CELL": [z0, y0, x0, z1, y1, x1]}}`.
   */
  unnestBoxes(json: Sql, table: Sql): Sql;
  /** An expression to order texts by that compares them byte by byte, as UTF-8. */
  inByteOrder(text: Sql): Sql;
}
