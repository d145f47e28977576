import { loadDotenv } from "../secrets/index.ts";
import type { Database } from "./database.ts";
import { DuckDbDatabase } from "./duckdb/duckdb-database.ts";
import { CatalogueError } from "./errors.ts";
import type { CubeShape4, Location } from "./hypercube-query.ts";
import { openSupabase } from "./postgres/supabase-database.ts";
import { openTrino } from "./trino/trino-database.ts";

/** Which database a run asks; keys are those of the config group `datasets/databases`. */
export interface OpenDatabaseConfig {
  readonly kind: "duckdb" | "supabase" | "trino";
  readonly catalogue_path: string;
  readonly server_folder_path: string | null;
  readonly dbname: "prod" | "staging" | "local";
  /** File of the server's address and password; null: they are in the environment. */
  readonly dotenv_path: string | null;
  readonly num_timepoints?: number | undefined;
  readonly base_cube_size_x: number;
  readonly use_cached_hypercubes_dataframe: boolean;
  readonly hypercubes_dataframe_path: string | null;
}

export interface OpenDatabaseOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** A remark for the user, when a server is being waited for. */
  note?(text: string): void;
}

/**
 * Opens the database of a config: a catalogue or rows in files, cached rows, or a server.
 *
 * @param cubeShape - what is wanted of it: the Python platform has a table for each number of frames.
 * @throws {@link CatalogueError}, when it cannot be opened.
 */
export async function openDatabase(
  config: OpenDatabaseConfig,
  cubeShape: CubeShape4,
  options: OpenDatabaseOptions = {},
): Promise<Database> {
  const { kind, server_folder_path, dbname, base_cube_size_x: base_cube_size } = config;
  const { num_timepoints = cubeShape[0] } = config;
  const catalogue_path = cataloguePath(config);
  if (catalogue_path !== null) {
    return await DuckDbDatabase.open({ catalogue_path, server_folder_path }, options);
  }
  // Into the environment, so that what is secret in it is kept out of every message.
  const files = config.dotenv_path === null || kind === "duckdb" ? [] : [config.dotenv_path];
  loadDotenv({ folders: [], files, env: process.env, note: options.note ?? (() => {}) });
  switch (kind) {
    case "supabase":
      return await openSupabase(
        { dbname, num_timepoints, base_cube_size, server_folder_path },
        options,
      );
    case "trino":
      return await openTrino({ num_timepoints, base_cube_size, server_folder_path }, options);
    case "duckdb":
      return await DuckDbDatabase.open(
        { catalogue_path: config.catalogue_path, server_folder_path },
        options,
      );
    default:
      return kind satisfies never;
  }
}

/** The file that is read in place of a server's answer; null: the database itself is asked. */
function cataloguePath({
  use_cached_hypercubes_dataframe: isCached,
  hypercubes_dataframe_path: path,
}: OpenDatabaseConfig): string | null {
  if (!isCached) return null;
  if (path !== null) return path;
  const message =
    "use_cached_hypercubes_dataframe is true, but hypercubes_dataframe_path names no file";
  throw new CatalogueError("CATALOGUE_MISSING", message);
}

/** Storage that the Python platform knows, by the beginning of a path. */
const sites: readonly (readonly [prefix: string, location: Location])[] = [
  ["/clusterfs", "exists"],
  ["/groups", "exists_prfs"],
  ["/aws", "exists_aws"],
  ["/workspace/CellObservatoryData", "exists_aws"],
  ["/lustre", "exists_oak"],
];

/**
 * Where a tile must be: as it is asked for, or (`auto`) by the folder that replaces the database's.
 * A catalogue of ours is where its images are: nothing is asked of it.
 *
 * @throws {@link CatalogueError} CATALOGUE_LOCATION for a folder at none of the known sites.
 */
export function locationOf({
  kind,
  location,
  server_folder_path,
  use_cached_hypercubes_dataframe,
}: Pick<OpenDatabaseConfig, "kind" | "server_folder_path" | "use_cached_hypercubes_dataframe"> & {
  readonly location: "auto" | "any" | Location;
}): Location | null {
  if (location !== "auto") return location === "any" ? null : location;
  if (kind === "duckdb" && !use_cached_hypercubes_dataframe) return null;
  if (server_folder_path === null) return "exists";
  const site = sites.find(([prefix]) => `${server_folder_path}/`.startsWith(`${prefix}/`));
  if (site) return site[1];
  const known = sites.map(([prefix]) => prefix).join(", ");
  const message = `the database does not know which tiles are in ${server_folder_path}: expected a folder in ${known}`;
  throw new CatalogueError("CATALOGUE_LOCATION", message);
}

/**
 * The shape of the blocks that hypercubes are to be put together from; null when the database has
 * hypercubes of just this shape, or none that it could be put together from.
 *
 * @param edges - edges of a block along Z Y X (base_cube_size_z, _y, _x); frames may be any number.
 */
export function baseShapeOf(
  cube: CubeShape4,
  shapes: readonly { readonly shape: CubeShape4 }[],
  edges: readonly [z: number, y: number, x: number],
): CubeShape4 | null {
  if (shapes.some(({ shape }) => shape.join() === cube.join())) return null;
  const fitting = shapes
    .map(({ shape }) => shape)
    .filter(([, ...space]) => space.join() === edges.join())
    .filter((shape) => cube.every((edge, axis) => edge % (shape[axis] ?? 1) === 0));
  return fitting.reduce<CubeShape4 | null>((a, b) => (a && a[0] > b[0] ? a : b), null);
}
