import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type DuckDBConnection, DuckDBInstance, LIST, listValue, VARCHAR } from "@duckdb/node-api";
import { CatalogueError } from "../errors.ts";
import { reasonOf } from "./reason-of.ts";
import { spillFolder } from "./spill-folder.ts";

export interface OpenCatalogue extends Disposable {
  readonly path: string;
  readonly connection: DuckDBConnection;
  /** Whether {@link growMemory} may be asked for. */
  readonly canGrow: boolean;
  /** Another connection to the same; who asks for it closes it. */
  readonly connect: () => Promise<DuckDBConnection>;
}

/** Nothing is loaded into it, and it takes a modest part of the machine. */
const modest = {
  autoload_known_extensions: "false",
  autoinstall_known_extensions: "false",
  memory_limit: "600MB", // a sort of more rows than fit goes on in a temporary folder
  threads: "2",
};
/** Ten million rows are sorted as fast in it; grouping as many is a third slower. */
const least = { memory_limit: "300MB" };
/** Gives a catalogue's statements the memory that groups fast; one of files has it as it opens. */
export const growMemory = `SET memory_limit = '${modest.memory_limit}'`;
/** No file but the catalogue is reachable from a query, whatever stands in it. */
const locked = { enable_external_access: "false" };

/** Opens a catalogue to read; several processes may. */
export async function connectToRead(path: string): Promise<OpenCatalogue> {
  if (!existsSync(path)) {
    throw new CatalogueError("CATALOGUE_MISSING", `there is no catalogue at ${path}`);
  }
  const memory = { ...modest, ...least, temp_directory: await spillFolder() };
  // all at once: what is locked cannot be set later
  const open = await connect(path, { ...memory, ...locked, access_mode: "READ_ONLY" });
  return { ...open, canGrow: true };
}

/** A database in memory that may read the files of a list, and nothing else. */
export async function connectToFiles(
  name: string,
  files: readonly string[],
): Promise<OpenCatalogue> {
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined || files.length === 0) {
    throw new CatalogueError("CATALOGUE_MISSING", `there are no rows at ${missing ?? name}`);
  }
  const open = await connect(":memory:", modest, name);
  try {
    await open.connection.run("SET temp_directory = $1", [await spillFolder()]);
    await open.connection.run("SET allowed_paths = $1", [listValue([...files])], [LIST(VARCHAR)]);
    await open.connection.run("SET enable_external_access = false");
    await open.connection.run("SET lock_configuration = true");
    return open;
  } catch (cause) {
    open[Symbol.dispose]();
    throw notOpened(name, cause);
  }
}

/** A database in memory that may write files: for statements of the program's own, and no others. */
export async function connectToScratch(name: string): Promise<OpenCatalogue> {
  return connect(":memory:", { ...modest, temp_directory: await spillFolder() }, name);
}

export interface WaitOptions {
  /** How long to wait for another process that has the catalogue open; 0: not at all. */
  readonly waitMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Opens a catalogue to write, alone; makes the file and its folder when there is none. */
export async function connectToWrite(
  path: string,
  { waitMs = 0, signal }: WaitOptions = {},
): Promise<OpenCatalogue> {
  await mkdir(dirname(path), { recursive: true }).catch((cause: unknown) => {
    throw notOpened(path, cause);
  });
  const until = performance.now() + waitMs;
  for (;;) {
    try {
      return await connect(path, { ...locked, ...modest });
    } catch (error) {
      const isHeld = error instanceof Error && error.message.includes("Could not set lock on file");
      if (!isHeld || performance.now() >= until) throw error;
      await setTimeout(100, undefined, { signal });
    }
  }
}

async function connect(
  file: string,
  options: Record<string, string>,
  path = file,
): Promise<OpenCatalogue> {
  try {
    const instance = await DuckDBInstance.create(file, options);
    const connect = () => instance.connect();
    const connection = await connect().catch((error: unknown) => {
      instance.closeSync();
      throw error;
    });
    const dispose = () => {
      connection.closeSync();
      instance.closeSync();
    };
    return { path, connection, canGrow: false, connect, [Symbol.dispose]: dispose };
  } catch (cause) {
    throw notOpened(path, cause);
  }
}

function notOpened(path: string, cause: unknown): CatalogueError {
  const why = reasonOf(cause);
  return new CatalogueError("CATALOGUE_OPEN", `${path} cannot be opened: ${why}`, cause);
}
