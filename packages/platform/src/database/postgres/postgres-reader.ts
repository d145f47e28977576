import { CatalogueError } from "../errors.ts";
import type { SqlReader, SqlSession } from "../sql/sql-reader.ts";
import { PostgresSession, type SessionOptions } from "./postgres-session.ts";

/** Each session has a connection of its own, opened when it is first asked something. */
export class PostgresReader implements SqlReader {
  readonly #options: SessionOptions;
  readonly #sessions = new Set<PostgresSession>();
  readonly #closing = new AbortController();

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  async session(signal: AbortSignal | undefined): Promise<SqlSession> {
    signal?.throwIfAborted();
    this.#closing.signal.throwIfAborted();
    const session = new PostgresSession(this.#options, this.#closing.signal);
    this.#sessions.add(session);
    const forget = () => this.#sessions.delete(session);
    return {
      rows: (statement, until) => session.rows(statement, until),
      async [Symbol.asyncDispose]() {
        await session[Symbol.asyncDispose]();
        forget();
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { place } = this.#options.address;
    const reason = new CatalogueError("CATALOGUE_QUERY", `${place} was closed during a query`);
    this.#closing.abort(reason);
    await Promise.all([...this.#sessions].map((session) => session[Symbol.asyncDispose]()));
  }
}
