import type { ColumnBatch } from "./column-batch.ts";
import type { CompiledSql } from "./fragment.ts";

/**
 * What a column is read into. `integer`, which is INTEGER in SQL: Int32Array, where a NULL is an
 * error; `number`, any kind of number: Float64Array, NaN for NULL; `text`: strings, null for NULL.
 */
export type ColumnType = "integer" | "number" | "text";

export type ColumnTypes = Readonly<Record<string, ColumnType>>;

/** A statement, and its columns in the order in which it selects them. */
export interface Statement extends CompiledSql {
  readonly types: ColumnTypes;
  /** Whether rows are grouped, for which an embedded database wants more memory than for a sort. */
  readonly isGrouped?: boolean;
}

/** Statements that see one state of the data. Dispose it: it may hold a transaction, or a cursor. */
export interface SqlSession extends AsyncDisposable {
  /**
   * Streams a result by columns, in batches of 65,536 rows at most, reading little ahead. Leaving
   * the loop, or the signal, cancels the statement on the server.
   *
   * @throws CatalogueError CATALOGUE_QUERY, CATALOGUE_ROW for a NULL or a value that does not fit;
   *   the signal's reason. A result that was cut is an error, never fewer rows.
   */
  rows(statement: Statement, signal: AbortSignal | undefined): AsyncIterable<ColumnBatch>;
}

/** Runs statements. Disposing it ends those that run, with CATALOGUE_QUERY, and waits for them. */
export interface SqlReader extends AsyncDisposable {
  session(signal: AbortSignal | undefined): Promise<SqlSession>;
}
