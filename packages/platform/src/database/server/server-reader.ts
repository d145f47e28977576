import { CatalogueError } from "../errors.ts";
import type { SqlReader, SqlSession } from "../sql/sql-reader.ts";
import type { DatabaseServer } from "./database-server.ts";
import { ReplayingSession, type SessionOptions } from "./replaying-session.ts";

/** Each session has a link of its own, opened when it is first asked something. */
export class ServerReader implements SqlReader {
  readonly #server: DatabaseServer;
  readonly #options: SessionOptions;
  readonly #sessions = new Set<ReplayingSession>();
  readonly #closing = new AbortController();

  constructor(server: DatabaseServer, options: SessionOptions) {
    this.#server = server;
    this.#options = options;
  }

  async session(signal: AbortSignal | undefined): Promise<SqlSession> {
    signal?.throwIfAborted();
    this.#closing.signal.throwIfAborted();
    const session = new ReplayingSession(this.#server, this.#options, this.#closing.signal);
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
    const reason = `${this.#server.place} was closed during a query`;
    this.#closing.abort(new CatalogueError("CATALOGUE_QUERY", reason));
    await Promise.all([...this.#sessions].map((session) => session[Symbol.asyncDispose]()));
  }
}
