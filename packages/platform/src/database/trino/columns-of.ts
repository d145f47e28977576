import { columnOr, type Tables } from "../server/tables.ts";
import { type Sql, sql } from "../sql/fragment.ts";

/** A column of the table that statements call `t`, as a type; NULL where it has no such column. */
export type ColumnOf = (column: string, type: string) => Sql;

export const columnsOf =
  (tables: Tables, table: string): ColumnOf =>
  (column, type) =>
    columnOr(tables, { table, column, as: sql`t`, type: raw(type) });

/** A name of ours. */
export const raw = (text: string): Sql => ({ parts: [text] });

export const axes = ["time", "z", "y", "x"] as const;
