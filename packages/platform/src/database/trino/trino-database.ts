import { chooseRelations } from "../server/choose-relations.ts";
import { patientRetries, type RetryPolicy } from "../server/retry.ts";
import { ServerReader } from "../server/server-reader.ts";
import { readTables } from "../server/tables.ts";
import { bind, sql } from "../sql/fragment.ts";
import { SqlDatabase } from "../sql/sql-database.ts";
import { trinoAddress } from "./trino-address.ts";
import { trinoDialect } from "./trino-dialect.ts";
import { trinoRelations } from "./trino-relations.ts";
import { trinoServer } from "./trino-server.ts";

export interface TrinoConfig {
  /** Frames of the reference platform's hypercubes; no matter for a catalogue's own tables. */
  readonly num_timepoints: number;
  /** Edge of the reference platform's cubes, in voxels. */
  readonly base_cube_size?: number;
  /** Replaces the `server_folder` of every row; null: as in the database. */
  readonly server_folder_path?: string | null;
}

export interface TrinoOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  readonly retries?: RetryPolicy;
  /** A remark for the user, when a server is being waited for. */
  note?(text: string): void;
}

/**
 * The tables that {@link openSupabase} reads, by way of a Trino coordinator.
 *
 * @throws CatalogueError DATABASE_ADDRESS, DATABASE_CONNECT, DATABASE_TABLES.
 */
export async function openTrino(
  { num_timepoints, base_cube_size = 128, server_folder_path }: TrinoConfig,
  options: TrinoOptions = {},
): Promise<SqlDatabase> {
  const { env = process.env, signal, retries = patientRetries, note = () => {} } = options;
  const address = trinoAddress(env);
  const { place, schema } = address;
  const reader = new ServerReader(trinoServer(address, retries), { retries, note });
  try {
    const statement = sql`SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = ${bind(schema, "text")}`;
    const tables = await readTables(reader, { statement, dialect: trinoDialect }, signal);
    const blocks = { num_timepoints, edge: base_cube_size };
    const { from, ...relations } = chooseRelations(tables, {
      blocks,
      place,
      texts: trinoRelations,
    });
    const source = {
      kind: "trino",
      place: `${place} (${from})`,
      dialect: trinoDialect,
      ...relations,
      reader,
    };
    return new SqlDatabase(source, (stored) => server_folder_path ?? stored);
  } catch (error) {
    await reader[Symbol.asyncDispose]();
    throw error;
  }
}
