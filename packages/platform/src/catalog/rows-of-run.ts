import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { DatabasesConfig } from "../config/index.ts";
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
import { queryOfRun, questionOf } from "./query-of-run.ts";
import type { DataConfig } from "./runnable-config.ts";

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
  config: DataConfig,
  { signal, asksAnew, say }: AskOptions,
): Promise<RowsOfRun> {
  const asked = queryOfRun(config);
  const { databases, wanted } = asked;
  const saved = async () => {
    if (asksAnew) return null;
    return await readSnapshot(folderIn(config.paths.outdir), questionOf(asked), {
      signal,
      server_folder_path: databases.server_folder_path,
    });
  };
  const isServer = databases.kind !== "duckdb" && !databases.use_cached_hypercubes_dataframe;
  const first = isServer ? await saved() : null;
  if (first !== null) return await told(first, "", { say, databases });
  try {
    const ask = { signal, note: say };
    const table = await findHypercubes(databases, wanted, ask);
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
  config: DataConfig,
  table: HypercubeTable,
  { clock, isNew }: { readonly clock: Clock; readonly isNew: boolean },
): Promise<void> {
  const asked = queryOfRun(config);
  const folder = folderIn(config.paths.outdir);
  if (!isNew && isSnapshotOf(folder, questionOf(asked))) return;
  await save(folder, table, { asked, clock });
}

interface SaveAheadOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told when a server is waited for. */
  note(text: string): void;
}

/**
 * Asks for the rows of a run that is not there yet, and saves them where it will look for them: a run
 * in `runFolder` needs no server, and a catalogue only while it is there.
 *
 * @returns how many rows there are.
 */
export async function saveRowsAhead(
  config: Parameters<typeof queryOfRun>[0],
  runFolder: string,
  { clock, signal, note }: SaveAheadOptions,
): Promise<number> {
  const asked = queryOfRun(config);
  const table = await findHypercubes(asked.databases, asked.wanted, { signal, note });
  await save(folderIn(runFolder), table, { asked, clock });
  return table.numRows;
}

async function save(
  folder: string,
  table: HypercubeTable,
  { asked, clock }: { readonly asked: ReturnType<typeof queryOfRun>; readonly clock: Clock },
): Promise<void> {
  const { kind, catalogue_path, dbname } = asked.databases;
  const source = kind === "duckdb" ? catalogue_path : `${kind} ${dbname}`;
  const takenAt = new Date(clock.now());
  await saveSnapshot(folder, table, { kind, source, query: questionOf(asked), takenAt });
}

const folderIn = (runFolder: string) => join(runFolder, "data");

async function told(
  { table, takenAt, source }: Snapshot,
  why: string,
  { say, databases }: Pick<AskOptions, "say"> & { readonly databases: DatabasesConfig },
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
