import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { CatalogueError } from "../errors.ts";

export interface OpenCatalogue extends Disposable {
  readonly path: string;
  readonly connection: DuckDBConnection;
}

/** No file but the catalogue is reachable from a query, whatever stands in it. */
const locked = { enable_external_access: "false", autoload_known_extensions: "false" };
const modest = { memory_limit: "1GB", threads: "2" };

/** Opens a catalogue to read; several processes may. */
export function connectToRead(path: string): Promise<OpenCatalogue> {
  if (!existsSync(path)) {
    throw new CatalogueError("CATALOGUE_MISSING", `there is no catalogue at ${path}`);
  }
  return connect(path, { ...locked, ...modest, access_mode: "READ_ONLY" });
}

/** Opens a catalogue to write, alone; makes the file and its folder when there is none. */
export async function connectToWrite(path: string): Promise<OpenCatalogue> {
  await mkdir(dirname(path), { recursive: true }).catch((cause: unknown) => {
    throw notOpened(path, cause);
  });
  return connect(path, { ...locked, ...modest });
}

async function connect(path: string, options: Record<string, string>): Promise<OpenCatalogue> {
  try {
    const instance = await DuckDBInstance.create(path, options);
    const connection = await instance.connect();
    const dispose = () => {
      connection.closeSync();
      instance.closeSync();
    };
    return { path, connection, [Symbol.dispose]: dispose };
  } catch (cause) {
    throw notOpened(path, cause);
  }
}

function notOpened(path: string, cause: unknown): CatalogueError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new CatalogueError("CATALOGUE_OPEN", `${path} cannot be opened: ${why}`, cause);
}
