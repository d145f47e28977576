import { existsSync, globSync, readdirSync, statSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { isRoiFile, roisOf } from "../cached/roi-extents.ts";
import { CatalogueError } from "../errors.ts";
import { joined, type Sql, sql } from "../sql/fragment.ts";

export interface RowFiles {
  readonly format: "csv" | "parquet";
  readonly paths: readonly string[];
  /** Files with the extents of ROIs, beside those of rows that the reference platform cached. */
  readonly rois: readonly string[];
}

/** Whether a catalogue's path is one of rows in files: *.csv, *.parquet, or a folder of those. */
export function isRowFiles(path: string): boolean {
  const isThere = existsSync(path); // a name may have brackets in it
  if (isThere && statSync(path).isDirectory()) return true;
  if (!isThere && /[*?[{]/.test(path)) return true;
  return [".csv", ".parquet"].includes(extname(path));
}

/**
 * The files of a path, a pattern such as `rows/*.parquet`, or a folder; in the order of their names.
 *
 * @throws {@link CatalogueError} CATALOGUE_MISSING, or CATALOGUE_OPEN when they are of both kinds.
 */
export function rowFiles(path: string): RowFiles {
  const isFolder = existsSync(path) && statSync(path).isDirectory();
  const inFolder = () =>
    readdirSync(path)
      .filter((name) => !name.startsWith(".") && [".csv", ".parquet"].includes(extname(name)))
      .map((name) => join(path, name));
  const found = isFolder ? inFolder() : existsSync(path) ? [path] : globSync(path);
  const paths = found
    .map((file) => resolve(file))
    .filter((file) => !isRoiFile(file))
    .sort();
  const formats = new Set(paths.map((file) => extname(file)));
  const [format] = formats;
  if (format === undefined) {
    throw new CatalogueError("CATALOGUE_MISSING", `there are no rows at ${path}`);
  }
  if (formats.size > 1 || (format !== ".csv" && format !== ".parquet")) {
    const message = `${path} cannot be opened: expected files of one kind, .csv or .parquet, found ${[...formats].join(" and ")}`;
    throw new CatalogueError("CATALOGUE_OPEN", message);
  }
  const rois = format === ".csv" ? paths.map(roisOf).filter((file) => existsSync(file)) : [];
  return { format: format === ".csv" ? "csv" : "parquet", paths, rois };
}

/** Longest line of a CSV file: a row with the metadata of a hypercube is a few kilobytes. */
const mostLineBytes = 16 * 2 ** 20;

/**
 * The files as one relation. Nothing of a CSV file is guessed: columns are texts, fields are quoted
 * by ", and a row must have as many of them as the header.
 */
export function scanOf({ format, paths }: Pick<RowFiles, "format" | "paths">): Sql {
  const list = sql`[${joined(paths.map(literal), ", ")}]`;
  if (format === "parquet") return sql`read_parquet(${list}, union_by_name = TRUE)`;
  const most = { parts: [String(mostLineBytes)] };
  return sql`read_csv(${list}, header = TRUE, all_varchar = TRUE, delim = ',', quote = '"',
  escape = '"', comment = '', nullstr = '', strict_mode = TRUE, union_by_name = TRUE,
  max_line_size = ${most}, buffer_size = ${{ parts: [String(2 * mostLineBytes)] }}, parallel = FALSE)`;
}

/** A text in SQL. A path is the program's own, and cannot be bound where a table is named. */
export function literal(text: string): Sql {
  if (text.includes("\0")) throw new RangeError("a path holds a NUL character");
  return { parts: [`'${text.replaceAll("'", "''")}'`] };
}
