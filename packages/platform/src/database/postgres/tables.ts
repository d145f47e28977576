import { DatabaseError } from "../server/errors.ts";
import { texts } from "../sql/column-batch.ts";
import { compiled, type Sql, sql } from "../sql/fragment.ts";
import type { SqlReader } from "../sql/sql-reader.ts";
import { postgresDialect } from "./postgres-dialect.ts";

/** The columns of each table or view, by its name, that is found without naming a schema. */
export type Tables = ReadonlyMap<string, ReadonlySet<string>>;

/** Tables and views in which hypercubes may be. Materialised views are in no information_schema. */
export async function findTables(
  reader: SqlReader,
  signal: AbortSignal | undefined,
): Promise<Tables> {
  const statement = sql`SELECT c.relname::text AS table_name, a.attname::text AS column_name
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
WHERE NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_table_is_visible(c.oid)
  AND (c.relname IN ('tiles', 'hypercubes') OR c.relname LIKE 'prepared%')`;
  const types = { table_name: "text", column_name: "text" } as const;
  const tables = new Map<string, Set<string>>();
  await using session = await reader.session(signal);
  const found = session.rows(
    { ...compiled(statement, postgresDialect.placeholder), types },
    signal,
  );
  for await (const batch of found) {
    const columns = texts(batch, "column_name");
    for (const [row, table] of texts(batch, "table_name").entries()) {
      const known = tables.get(table ?? "") ?? new Set();
      tables.set(table ?? "", known.add(columns[row] ?? ""));
    }
  }
  return tables;
}

/** @throws {@link DatabaseError} DATABASE_TABLES for a table that lacks columns. */
export function requireColumns(
  tables: Tables,
  { table, columns, place }: { table: string; columns: readonly string[]; place: string },
): void {
  const lacks = columns.filter((name) => !tables.get(table)?.has(name));
  if (lacks.length === 0) return;
  const message = `${place}: the table ${table} lacks ${lacks.join(", ")}`;
  throw new DatabaseError("DATABASE_TABLES", message);
}

/** A column by its name, or NULL of its type where the table has none. */
export function columnOr(
  tables: Tables,
  { table, column, as, type }: { table: string; column: string; as: Sql; type: Sql },
): Sql {
  const value = tables.get(table)?.has(column) ? { parts: [`"${column}"`] } : undefined;
  const parts = value === undefined ? ["NULL"] : [...as.parts, ".", ...value.parts];
  return { parts: ["(", ...parts, ")::", ...type.parts] };
}
