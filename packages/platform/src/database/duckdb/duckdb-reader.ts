import {
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  type DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  listValue,
  VARCHAR,
} from "@duckdb/node-api";
import { CatalogueError } from "../errors.ts";
import { type ColumnBatch, mostBatchRows } from "../sql/column-batch.ts";
import type { Bound, BoundType } from "../sql/fragment.ts";
import type { SqlReader, SqlSession, Statement } from "../sql/sql-reader.ts";
import { growMemory, type OpenCatalogue } from "./connect.ts";
import { columnsOf } from "./read-columns.ts";
import { reasonOf } from "./reason-of.ts";

/** Runs statements in an open DuckDB; a session is a connection of its own, in one transaction. */
export class DuckDbReader implements SqlReader {
  readonly #catalogue: OpenCatalogue;
  readonly #running = new Set<Promise<unknown>>();
  readonly #connections = new Set<DuckDBConnection>();
  #isClosed = false;

  constructor(catalogue: OpenCatalogue) {
    this.#catalogue = catalogue;
  }

  async session(): Promise<SqlSession> {
    const connection = await this.#asked(() => this.#catalogue.connect());
    this.#connections.add(connection);
    const close = async () => {
      if (this.#connections.delete(connection)) connection.closeSync();
    };
    try {
      await this.#asked(() => connection.run("BEGIN TRANSACTION READ ONLY"));
    } catch (error) {
      await close();
      throw error;
    }
    return {
      rows: (statement, signal) => this.#rows(connection, statement, signal),
      [Symbol.asyncDispose]: close,
    };
  }

  /** Ends statements that still run, and waits for them: closing under one would end the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const connection of this.#connections) connection.interrupt();
    await Promise.allSettled(this.#running);
    for (const connection of this.#connections) connection.closeSync();
    this.#connections.clear();
    this.#catalogue[Symbol.dispose]();
  }

  async *#rows(
    connection: DuckDBConnection,
    { text, values, types, isGrouped = false }: Statement,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ColumnBatch, void, undefined> {
    signal?.throwIfAborted();
    const { path, canGrow } = this.#catalogue;
    const interrupt = () => connection.interrupt();
    signal?.addEventListener("abort", interrupt);
    let next: Promise<Fetched> | null = null;
    try {
      if (isGrouped && canGrow) await this.#asked(() => connection.run(growMemory));
      const { plain, plainTypes } = bound(values);
      const result = await this.#asked(() => connection.stream(text, plain, plainTypes));
      const fetched = () => this.#asked(() => nextChunks(() => result.fetchChunk()));
      next = fetched();
      while (next !== null) {
        const { chunks, isEnded }: Fetched = await next;
        signal?.throwIfAborted();
        next = isEnded ? null : fetched(); // while these are read, and worked on
        next?.catch(() => {}); // it is awaited, here or below
        if (chunks.length > 0) yield columnsOf(chunks, types, path);
        signal?.throwIfAborted();
      }
      await this.#requireEnd(connection);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", interrupt);
      // Closing under it would end the process, and interrupting it the session's transaction.
      await Promise.allSettled([next]);
    }
  }

  /**
   * What fetches chunks has no way to say that the statement failed: then it says that there are no
   * more. But a statement that failed leaves a transaction in which no other is answered.
   */
  async #requireEnd(connection: DuckDBConnection): Promise<void> {
    await this.#asked(async () => {
      await connection.run("SELECT 1").catch((cause: unknown) => {
        const why =
          "it ended before its last row (a value, the memory, or the disk for temporary files)";
        throw new Error(why, { cause });
      });
    });
  }

  /** A call into DuckDB, which must have ended before it is closed; what it throws says where. */
  async #asked<Value>(call: () => Promise<Value>): Promise<Value> {
    const { path } = this.#catalogue;
    try {
      if (this.#isClosed) throw new Error("it was closed");
      const running = call();
      this.#running.add(running);
      try {
        return await running;
      } finally {
        this.#running.delete(running);
      }
    } catch (cause) {
      throw answerError(path, cause);
    }
  }
}

/** What DuckDB threw: about a row, or about the question. */
export function answerError(path: string, cause: unknown): CatalogueError {
  const why = reasonOf(cause);
  const isRow = /^(Conversion|Invalid Input|CSV) Error|Malformed JSON/.test(why);
  const code = isRow ? "CATALOGUE_ROW" : "CATALOGUE_QUERY";
  return new CatalogueError(code, `${path} cannot answer: ${why}`, cause);
}

interface Fetched {
  readonly chunks: readonly DuckDBDataChunk[];
  readonly isEnded: boolean;
}

async function nextChunks(fetch: () => Promise<DuckDBDataChunk | null>): Promise<Fetched> {
  const chunks: DuckDBDataChunk[] = [];
  for (let numRows = 0; numRows + 2048 <= mostBatchRows; ) {
    const chunk = await fetch();
    if (chunk === null || chunk.rowCount === 0) return { chunks, isEnded: true };
    chunks.push(chunk);
    numRows += chunk.rowCount;
  }
  return { chunks, isEnded: false };
}

const duckDbTypes: Readonly<Record<BoundType, DuckDBType>> = {
  text: VARCHAR,
  number: DOUBLE,
  integer: DOUBLE, // whole numbers of JavaScript; the parameter's marker casts them
  flag: BOOLEAN,
  texts: LIST(VARCHAR),
  numbers: LIST(DOUBLE),
};

/** The type of a list is always given: an empty one has none of its own. */
function bound(values: readonly Bound[]) {
  const plain: DuckDBValue[] = values.map(({ value }) =>
    typeof value === "object" ? listValue([...value]) : value,
  );
  return { plain, plainTypes: values.map(({ type }) => duckDbTypes[type]) };
}
