import pg from "pg";
import type { ServerAddress } from "./server-address.ts";

export interface ConnectOptions {
  /** How long the server may work on one statement; 0: as the server has it. */
  readonly statementTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** How long a server may take to answer a new connection. */
const connectTimeoutMs = 30_000;

/**
 * Connects, and begins a transaction that only reads and sees one state of the data, whatever
 * others write. `end()` gives it up, also in the middle of a statement.
 */
export async function connect(
  { client: config }: ServerAddress,
  { statementTimeoutMs, signal }: ConnectOptions,
): Promise<pg.Client> {
  signal?.throwIfAborted();
  const client = new pg.Client({
    application_name: "cello",
    ...config,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
  });
  client.on("error", () => {}); // a connection that is lost is the error of the query that it had
  const stop = () => void client.end().catch(() => {});
  signal?.addEventListener("abort", stop, { once: true });
  try {
    await client.connect();
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    // One that we leave in the middle of its work is told by its closed connection.
    await client.query(
      `SELECT set_config(name, CASE name WHEN 'statement_timeout' THEN $1 ELSE '5s' END, true)
       FROM pg_settings
       WHERE name = 'client_connection_check_interval' OR (name = 'statement_timeout' AND $1 <> '0')`,
      [`${statementTimeoutMs}`],
    );
    return client;
  } catch (error) {
    stop();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}
