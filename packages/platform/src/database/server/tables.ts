import { CatalogueError } from "../errors.ts";
import { texts } from "../sql/column-batch.ts";
import type { Dialect } from "../sql/dialect.ts";
import { compiled, type Sql } from "../sql/fragment.ts";
import type { SqlReader } from "../sql/sql-reader.ts";

/** The columns of each table and view, by its name. */
export type Tables = ReadonlyMap<string, ReadonlySet<string>>;

/** @param statement - gives rows of (table_name, column_name). */
export async function readTables(
  reader: SqlReader,
  { statement, dialect }: { readonly statement: Sql; readonly dialect: Dialect },
  signal: AbortSignal | undefined,
): Promise<Tables> {
  const types = { table_name: "text", column_name: "text" } as const;
  const tables = new Map<string, Set<string>>();
  await using session = await reader.session(signal);
  const asked = { ...compiled(statement, dialect.parameterMarker), types };
  for await (const batch of session.rows(asked, signal)) {
    const columns = texts(batch, "column_name");
    for (const [row, table] of texts(batch, "table_name").entries()) {
      const known = tables.get(table ?? "") ?? new Set();
      tables.set(table ?? "", known.add(columns[row] ?? ""));
    }
  }
  return tables;
}

/** @throws {@link CatalogueError} DATABASE_TABLES for a table that lacks columns. */
export function requireColumns(
  tables: Tables,
  { table, columns, place }: { table: string; columns: readonly string[]; place: string },
): void {
  const lacks = columns.filter((name) => !tables.get(table)?.has(name));
  if (lacks.length === 0) return;
  const message = `${place}: the table ${table} lacks ${lacks.join(", ")}`;
  throw new CatalogueError("DATABASE_TABLES", message);
}

/** A column as a type, or NULL of the type where the table has no such column. */
export function columnOr(
  tables: Tables,
  { table, column, as, type }: { table: string; column: string; as: Sql; type: Sql },
): Sql {
  const value = tables.get(table)?.has(column) ? [...as.parts, `."${column}"`] : ["NULL"];
  return { parts: ["CAST(", ...value, " AS ", ...type.parts, ")"] };
}
