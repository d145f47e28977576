import { stat } from "node:fs/promises";
import { join } from "node:path";
import { findHypercubes } from "../data/index.ts";
import {
  type HypercubeTable,
  isSnapshotOf,
  readSnapshot,
  type Snapshot,
  saveSnapshot,
} from "../database/index.ts";
import { CellError } from "../errors/index.ts";
import type { Clock } from "../telemetry/index.ts";
import { wantedHypercubes } from "./loaders-of-run.ts";
import type { RunnableConfig } from "./runnable-config.ts";

/** Nobody answers: neither the rows nor the question are at fault. */
const unreachable = new Set([
  "CATALOGUE_MISSING",
  "CATALOGUE_OPEN",
  "DATABASE_ADDRESS",
  "DATABASE_CONNECT",
  "DATABASE_READ",
]);

interface AskOptions {
  readonly signal: AbortSignal;
  /** Whether the database must be asked, whatever the run has saved. */
  readonly asksAnew: boolean;
  /** Tells the reader that rows are saved ones, and how old they are. */
  say(line: string): void;
}

export interface RowsOfRun {
  readonly table: HypercubeTable;
  /** Whether they are those that the run had saved. */
  readonly areSaved: boolean;
}

/**
 * The hypercubes of a run. A server is asked once: then the run reads what it saved in its folder. A
 * catalogue on disk is asked each time, and what was saved is for when it is not there.
 */
export async function rowsOfRun(
  config: RunnableConfig,
  { signal, asksAnew, say }: AskOptions,
): Promise<RowsOfRun> {
  const { databases } = config.datasets;
  const saved = async () => {
    if (asksAnew) return null;
    return await readSnapshot(folderOf(config), questionOf(config), {
      signal,
      server_folder_path: databases.server_folder_path,
    });
  };
  const isServer = databases.kind !== "duckdb" && !databases.use_cached_hypercubes_dataframe;
  const first = isServer ? await saved() : null;
  if (first !== null) return await told(first, "", { say, databases });
  try {
    const ask = { signal, note: say };
    const table = await findHypercubes(databases, wantedHypercubes(config), ask);
    return { table, areSaved: false };
  } catch (error) {
    const isUnreachable = error instanceof CellError && unreachable.has(error.code);
    const instead = isUnreachable ? await saved() : null;
    if (instead === null) throw error;
    return await told(instead, `${(error as CellError).message}; `, { say, databases });
  }
}

/**
 * Saves the rows in the run's folder, unless it has an answer to the same question; a run that begins
 * with rows that it was given anew (`isNew`) has no use for an older one.
 */
export async function saveRowsOfRun(
  config: RunnableConfig,
  table: HypercubeTable,
  { clock, isNew }: { readonly clock: Clock; readonly isNew: boolean },
): Promise<void> {
  const [folder, query] = [folderOf(config), questionOf(config)];
  if (!isNew && isSnapshotOf(folder, query)) return;
  const { kind, catalogue_path, dbname } = config.datasets.databases;
  const source = kind === "duckdb" ? catalogue_path : `${kind} ${dbname}`;
  await saveSnapshot(folder, table, { kind, source, query, takenAt: new Date(clock.now()) });
}

const folderOf = ({ paths }: RunnableConfig) => join(paths.outdir, "data");

/** All that the rows depend on, but not where the database and the voxels are. */
function questionOf(config: RunnableConfig) {
  const {
    catalogue_path: _,
    server_folder_path: __,
    hypercubes_dataframe_path: ___,
    ...filters
  } = config.datasets.databases;
  return { ...filters, ...wantedHypercubes(config) };
}

async function told(
  { table, takenAt, source }: Snapshot,
  why: string,
  { say, databases }: Pick<AskOptions, "say"> & Pick<RunnableConfig["datasets"], "databases">,
): Promise<RowsOfRun> {
  const days = (Date.now() - takenAt.getTime()) / 86_400_000;
  const age = days < 1 ? "less than a day old" : `${Math.floor(days)} days old`;
  say(`${why}${table.numRows} rows of ${source}, saved ${takenAt.toISOString()} (${age})`);
  const { quarantine_path } = databases;
  const found = quarantine_path === null ? null : await stat(quarantine_path).catch(() => null);
  if (found !== null && found.mtime > takenAt) {
    say(
      `${quarantine_path} is newer than these rows, which are as they were; to apply it, add --accept-new-data`,
    );
  }
  return { table, areSaved: true };
}
