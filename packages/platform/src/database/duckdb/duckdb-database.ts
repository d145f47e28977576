import { dirname, resolve } from "node:path";
import type { Database } from "../database.ts";
import { CatalogueError } from "../errors.ts";
import { SqlDatabase } from "../sql/sql-database.ts";
import { catalogueRelations } from "./catalogue-relations.ts";
import { connectToRead, type OpenCatalogue } from "./connect.ts";
import { duckDbDialect } from "./duckdb-dialect.ts";
import { DuckDbReader } from "./duckdb-reader.ts";

export interface DuckDbConfig {
  readonly catalogue_path: string;
  /** Replaces the `server_folder` of every row; null: as in the catalogue. */
  readonly server_folder_path?: string | null;
}

/** A catalogue in a DuckDB file. Relative folders in it are relative to the file's own folder. */
export const DuckDbDatabase = {
  /** @throws {@link CatalogueError} CATALOGUE_MISSING or CATALOGUE_OPEN. */
  async open({ catalogue_path, server_folder_path }: DuckDbConfig): Promise<Database> {
    const catalogue = await connectToRead(catalogue_path);
    try {
      const relations = catalogueRelations(await columnsOf(catalogue, "hypercubes"));
      const reader = new DuckDbReader(catalogue);
      const source = { kind: "duckdb", place: catalogue_path, dialect: duckDbDialect, reader };
      return new SqlDatabase(
        { ...source, ...relations },
        folders(catalogue_path, server_folder_path),
      );
    } catch (error) {
      catalogue[Symbol.dispose]();
      throw error;
    }
  },
};

/** Where a stored folder is: relative ones begin at the catalogue's own, and one may replace all. */
function folders(path: string, replacement: string | null | undefined) {
  const home = dirname(resolve(path));
  return (stored: string) => (replacement ? resolve(replacement) : resolve(home, stored));
}

async function columnsOf(
  { connection, path }: OpenCatalogue,
  table: string,
): Promise<ReadonlySet<string>> {
  const sql = "SELECT column_name FROM duckdb_columns() WHERE table_name = $1";
  const result = await connection.runAndReadAll(sql, [table]);
  const names = new Set(result.getRows().map(([name]) => String(name)));
  if (names.size > 0) return names;
  throw new CatalogueError("CATALOGUE_QUERY", `${path} cannot answer: it has no table ${table}`);
}
