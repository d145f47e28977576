import { chooseRelations, type RelationTexts } from "../server/choose-relations.ts";
import { patientRetries, type RetryPolicy } from "../server/retry.ts";
import { ServerReader } from "../server/server-reader.ts";
import { readTables } from "../server/tables.ts";
import { sql } from "../sql/fragment.ts";
import { SqlDatabase } from "../sql/sql-database.ts";
import { catalogueRelations } from "./catalogue-relations.ts";
import { postgresDialect } from "./postgres-dialect.ts";
import { postgresServer } from "./postgres-server.ts";
import { cubesRelation } from "./reference-cubes.ts";
import { referenceTiles } from "./reference-tiles.ts";
import { viewRelation } from "./reference-view.ts";
import { type ServerName, serverAddress } from "./server-address.ts";

export interface SupabaseConfig {
  /** Which server: SUPABASE_PROD_URI, SUPABASE_STAGING_URI, or the sandbox on this machine. */
  readonly dbname: ServerName;
  /** Frames of the reference platform's hypercubes; no matter for a catalogue's own tables. */
  readonly num_timepoints: number;
  /** Edge of the reference platform's cubes, in voxels. */
  readonly base_cube_size?: number;
  /** Replaces the `server_folder` of every row; null: as in the database. */
  readonly server_folder_path?: string | null;
}

export interface SupabaseOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  readonly retries?: RetryPolicy;
  /** How long the server may work on one statement. */
  readonly statementTimeoutMs?: number;
  /** A remark for the user, when a server is being waited for. */
  note?(text: string): void;
}

/**
 * A PostgreSQL with the reference platform's tables, as Supabase hosts it, or with a catalogue's.
 *
 * @throws CatalogueError DATABASE_ADDRESS, DATABASE_CONNECT, DATABASE_TABLES.
 */
export async function openSupabase(
  { dbname, num_timepoints, base_cube_size = 128, server_folder_path }: SupabaseConfig,
  options: SupabaseOptions = {},
): Promise<SqlDatabase> {
  const { env = process.env, signal, note = () => {} } = options;
  const { retries = patientRetries, statementTimeoutMs = 600_000 } = options;
  const address = serverAddress(dbname, env);
  const { place } = address;
  const server = postgresServer(address, { statementTimeoutMs });
  const reader = new ServerReader(server, { retries, note });
  try {
    const asked = { statement: tablesStatement, dialect: postgresDialect };
    const tables = await readTables(reader, asked, signal);
    const blocks = { num_timepoints, edge: base_cube_size };
    const { tiles, hypercubes, from } = chooseRelations(tables, { blocks, place, texts });
    const source = {
      kind: "supabase",
      place: `${place} (${from})`,
      dialect: postgresDialect,
      tiles,
      hypercubes,
      reader,
    };
    return new SqlDatabase(source, (stored) => server_folder_path ?? stored);
  } catch (error) {
    await reader[Symbol.asyncDispose]();
    throw error;
  }
}

/** Those that are found without naming a schema. Materialised views are in no information_schema. */
const tablesStatement = sql`SELECT c.relname::text AS table_name, a.attname::text AS column_name
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
WHERE NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_table_is_visible(c.oid)
  AND (c.relname IN ('tiles', 'hypercubes') OR c.relname LIKE 'prepared%')`;

const texts: RelationTexts = {
  catalogue: catalogueRelations,
  referenceTiles,
  viewsTellFrames: true,
  views: viewRelation,
  cubes: cubesRelation,
};
