import { dirname, resolve } from "node:path";
import type { Database, QueryOptions } from "../database.ts";
import { CatalogueError } from "../errors.ts";
import { compiled, type Sql, sql } from "../sql/fragment.ts";
import { SqlDatabase } from "../sql/sql-database.ts";
import type { SqlSource } from "../sql/sql-source.ts";
import { catalogueRelations } from "./catalogue-relations.ts";
import { connectToFiles, connectToRead, type OpenCatalogue } from "./connect.ts";
import { duckDbDialect } from "./duckdb-dialect.ts";
import { answerError, DuckDbReader } from "./duckdb-reader.ts";
import { reasonOf } from "./reason-of.ts";
import { isRowFiles, type RowFiles, rowFiles, scanOf } from "./row-files.ts";
import { rowRelations } from "./row-relations.ts";

export interface DuckDbConfig {
  readonly catalogue_path: string;
  /** Replaces the `server_folder` of every row; null: as in the catalogue. */
  readonly server_folder_path?: string | null;
}

/**
 * A catalogue in a DuckDB file, or rows in CSV or Parquet files (a path, a pattern or a folder).
 * Relative folders in it are relative to the file's own folder.
 */
export const DuckDbDatabase = {
  /**
   * Rows in CSV are read as it opens: the signal ends that, too.
   *
   * @throws {@link CatalogueError} CATALOGUE_MISSING, CATALOGUE_OPEN or CATALOGUE_ROW.
   */
  async open(
    { catalogue_path, server_folder_path }: DuckDbConfig,
    { signal }: QueryOptions = {},
  ): Promise<Database> {
    signal?.throwIfAborted();
    const files = isRowFiles(catalogue_path) ? rowFiles(catalogue_path) : null;
    const catalogue = await (files
      ? connectToFiles(catalogue_path, [...files.paths, ...files.rois])
      : connectToRead(catalogue_path));
    const interrupt = () => catalogue.connection.interrupt();
    signal?.addEventListener("abort", interrupt);
    try {
      signal?.throwIfAborted();
      const relations = files
        ? await relationsOf(catalogue, files, signal)
        : catalogueRelations(await columnsOf(catalogue, sql`main.hypercubes`));
      signal?.throwIfAborted();
      const reader = new DuckDbReader(catalogue);
      const source = { kind: "duckdb", place: catalogue_path, dialect: duckDbDialect, reader };
      const home = dirname(files?.paths[0] ?? resolve(catalogue_path));
      return new SqlDatabase({ ...source, ...relations }, folders(home, server_folder_path));
    } catch (error) {
      catalogue[Symbol.dispose]();
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", interrupt);
    }
  },
};

/** Texts are read into tables, and not again for each query; Parquet stays where it is, and only the columns needed are read. */
async function relationsOf(
  catalogue: OpenCatalogue,
  files: RowFiles,
  signal: AbortSignal | undefined,
): Promise<Pick<SqlSource, "tiles" | "hypercubes">> {
  const scan = scanOf(files);
  const rois = files.rois.length > 0 ? scanOf({ format: "csv", paths: files.rois }) : null;
  const columns = await columnsOf(catalogue, scan);
  const relations = rowRelations(scan, columns, { place: catalogue.path, rois });
  if (files.format === "parquet") return relations;
  const named = { tiles: sql`main.tiles_read`, hypercubes: sql`main.hypercubes_read` };
  for (const relation of ["tiles", "hypercubes"] as const) {
    const statement = sql`CREATE TABLE ${named[relation]} AS SELECT * FROM ${relations[relation]}`;
    signal?.throwIfAborted(); // between two statements there is none to interrupt
    try {
      await catalogue.connection.run(compiled(statement, duckDbDialect.parameterMarker).text);
    } catch (cause) {
      throw answerError(catalogue.path, cause);
    }
  }
  return named;
}

/** Where a stored folder is: relative ones begin at `home`, and one may replace all. */
function folders(home: string, replacement: string | null | undefined) {
  return (stored: string) => (replacement ? resolve(replacement) : resolve(home, stored));
}

/** Names of a relation's columns, and whether they are texts. */
async function columnsOf(
  { connection, path }: OpenCatalogue,
  relation: Sql,
): Promise<ReadonlyMap<string, "text" | "other">> {
  const { text } = compiled(sql`DESCRIBE SELECT * FROM ${relation}`, duckDbDialect.parameterMarker);
  try {
    const rows = (await connection.runAndReadAll(text)).getRows();
    return new Map(
      rows.map(([name, type]) => [String(name), type === "VARCHAR" ? "text" : "other"]),
    );
  } catch (cause) {
    const why = reasonOf(cause);
    throw new CatalogueError("CATALOGUE_OPEN", `${path} cannot be opened: ${why}`, cause);
  }
}
