import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { replaceFile, temporaryName } from "../../telemetry/index.ts";
import { CatalogueError } from "../errors.ts";
import { HypercubeTable } from "../hypercube-table.ts";
import { queryText, SnapshotFile, snapshotName } from "./snapshot-file.ts";
import { readRows, writeRows } from "./snapshot-rows.ts";

/** A question, and whom it was asked. */
export interface SnapshotRequest {
  readonly kind: string;
  readonly source: string;
  /** All that the answer depends on. */
  readonly query: object;
}

export interface Snapshot {
  readonly table: HypercubeTable;
  readonly source: string;
  readonly takenAt: Date;
}

/**
 * Saves a query's rows in a folder, beside what was asked: Parquet, and then a side-car that names
 * it, so that a process that is killed leaves the old snapshot or the new one.
 *
 * @throws {@link CatalogueError} CATALOGUE_WRITE.
 */
export async function saveSnapshot(
  folder: string,
  table: HypercubeTable,
  { kind, source, query, takenAt }: SnapshotRequest & { readonly takenAt: Date },
): Promise<void> {
  const temporary = temporaryName(join(folder, "hypercubes.parquet"));
  try {
    await mkdir(folder, { recursive: true });
    await writeRows(table, temporary);
    await synced(temporary);
    const sha256 = await hashOf(temporary);
    const rows_file = `hypercubes-${sha256.slice(0, 16)}.parquet`;
    await rename(temporary, join(folder, rows_file));
    const file: SnapshotFile = {
      format: 1,
      source,
      kind,
      query: queryText(query),
      taken_at: takenAt.toISOString(),
      num_rows: table.numRows,
      rows_file,
      sha256,
    };
    replaceFile(join(folder, snapshotName), `${JSON.stringify(file, null, 2)}\n`);
    for (const name of await readdir(folder)) {
      if (/^hypercubes-.*\.parquet$/.test(name) && name !== rows_file) await rm(join(folder, name));
    }
  } catch (cause) {
    await rm(temporary, { force: true });
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `the rows of the run cannot be saved in ${folder}: ${why}`;
    throw new CatalogueError("CATALOGUE_WRITE", message, cause);
  }
}

/** Whether a folder has the answer to a question; it need not be whole. */
export function isSnapshotOf(folder: string, query: object): boolean {
  const path = join(folder, snapshotName);
  return existsSync(path) && sideCar(path).query === queryText(query);
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Replaces the `server_folder` of every row; null: as it was saved. */
  readonly server_folder_path?: string | null;
}

/**
 * The rows that a folder has of just this query; null when it has none, or of another.
 *
 * @throws {@link CatalogueError} CATALOGUE_SNAPSHOT, with the file's name, for one that was changed or
 *   damaged: it is never taken for the answer, and never passed over.
 */
export async function readSnapshot(
  folder: string,
  query: object,
  { signal, server_folder_path = null }: ReadOptions = {},
): Promise<Snapshot | null> {
  const path = join(folder, snapshotName);
  if (!existsSync(path)) return null;
  const file = sideCar(path);
  if (file.query !== queryText(query)) return null;
  const rows = join(folder, file.rows_file);
  if (!existsSync(rows)) throw damaged(rows, "it is not there");
  const found = await hashOf(rows);
  if (found !== file.sha256) {
    throw damaged(rows, `its SHA-256 is ${found}, and ${snapshotName} says ${file.sha256}`);
  }
  const table = await HypercubeTable.from(readRows(rows, { signal, server_folder_path }));
  if (table.numRows !== file.num_rows) {
    throw damaged(rows, `it has ${table.numRows} rows, and ${snapshotName} says ${file.num_rows}`);
  }
  return { table, source: file.source, takenAt: new Date(file.taken_at) };
}

function sideCar(path: string): SnapshotFile {
  try {
    return SnapshotFile.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw damaged(path, why, cause);
  }
}

function damaged(path: string, why: string, cause?: unknown): CatalogueError {
  const message = `${path} is not the snapshot that the run saved: ${why}`;
  return new CatalogueError("CATALOGUE_SNAPSHOT", message, cause);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

async function synced(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
