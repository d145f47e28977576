import type { DatabasesConfig } from "../config/index.ts";
import {
  baseShapeOf,
  cachedColumns,
  cachingRows,
  type Database,
  type HypercubeBatch,
  type HypercubeQuery,
  HypercubeTable,
  locationOf,
  openDatabase,
  type QueryOptions,
  type TileRecord,
} from "../database/index.ts";
import { Quarantine } from "./check/quarantine.ts";
import { DataError } from "./errors.ts";
import { type GridPlace, gridPlaces } from "./scan/grid.ts";

/** What a sample is, and so what a hypercube must have. */
export interface WantedHypercubes {
  readonly cubeShape: readonly [t: number, z: number, y: number, x: number];
  /** Channels of the image, that of the labels among them. */
  readonly numChannels: number;
  /** Channels that are read; null: all, which are then as many as `numChannels`. */
  readonly channels: readonly number[] | null;
}

export interface AskOptions extends QueryOptions {
  /** A remark for the user, when a server is being waited for. */
  note?(text: string): void;
}

/**
 * The hypercubes of a catalogue that a data set asks for, in the catalogue's order.
 *
 * When the catalogue has none of the shape, and no filter asks for numbers that only it knows, a
 * grid is laid over its tiles, half a hypercube apart: any shape can be trained on at once.
 *
 * @throws CatalogueError; {@link DataError} DATA_EMPTY, with what each filter left, when there are
 *   none.
 */
export async function findHypercubes(
  databases: DatabasesConfig,
  wanted: WantedHypercubes,
  options: AskOptions = {},
): Promise<HypercubeTable> {
  const { cubeShape } = wanted;
  await using question = await askedHypercubes(databases, wanted, options);
  const { database, query, shapes } = question;
  const isKnown =
    query.base_cube_shape !== null || shapes.some(({ shape }) => shape.join() === cubeShape.join());
  const needsNumbers = databases.occupancy_threshold !== null || databases.cdf_threshold !== null;
  const isListed = isKnown || needsNumbers;
  const { hypercubes_dataframe_path: cache, use_cached_hypercubes_dataframe: isCached } = databases;
  const isToCache = cache !== null && !isCached && isListed && database.kind !== "duckdb";
  const rows = isListed
    ? database.hypercubes(query, isToCache ? { ...options, ...cachedColumns(query) } : options)
    : gridOf(database, query, cubeShape, options);
  const { quarantine_path } = databases;
  const quarantine = quarantine_path === null ? null : await Quarantine.read(quarantine_path);
  let numAtFault = 0;
  const healthy = quarantine?.without(rows, (count) => {
    numAtFault += count;
  });
  const left = healthy ?? rows;
  const table = await HypercubeTable.from(
    isToCache ? cachingRows(left, { database, query }, cache) : left, // as the Python platform does
  );
  if (table.numRows > 0) return table;
  const found = shapes.map(({ shape, count }) => `${shape.join(" x ")} (${count})`).join(", ");
  const steps = await database.explain(query, options);
  const remaining = [
    ...steps.map(({ clause, remaining }) => `${clause} ${remaining}`),
    ...(numAtFault > 0 ? [`quarantine_path ${table.numRows} (it has ${numAtFault})`] : []),
  ].join(", ");
  const asked = `${cubeShape.join(" x ")} (T Z Y X) with ${wanted.numChannels} channels`;
  const message = `${database.place} has no hypercube of ${asked} for this config; it has ${found || "none"}; left after each filter: ${remaining}`;
  throw new DataError("DATA_EMPTY", message);
}

/** The database of a config, open, and the question that a run asks it. */
export async function askedHypercubes(
  databases: DatabasesConfig,
  { cubeShape, channels, numChannels }: WantedHypercubes,
  options: AskOptions = {},
) {
  const database = await openDatabase(databases, cubeShape, options);
  try {
    const shapes = await database.cubeShapes(options);
    const { base_cube_size_z: z, base_cube_size_y: y, base_cube_size_x: x } = databases;
    const base_cube_shape = baseShapeOf(cubeShape, shapes, [z, y, x]);
    // A smaller hypercube at the end of its image may be a whole one of another grid.
    const hasSmaller = shapes.some(({ shape }) => isWithin(shape, cubeShape));
    const query: HypercubeQuery = {
      ...databases,
      location: locationOf(databases),
      cube_shape: cubeShape,
      base_cube_shape,
      // Of those that are cut, what lies outside of the image is padding, and counts for nothing.
      edge_hypercubes: base_cube_shape === null && hasSmaller ? "drop" : "keep",
      ...(channels ? { min_channels: Math.max(...channels) + 1 } : { num_channels: numChannels }),
    };
    const close = () => database[Symbol.asyncDispose]();
    return { database, query, shapes, [Symbol.asyncDispose]: close };
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

/** Another shape, along no axis larger. */
function isWithin(shape: readonly number[], other: readonly number[]): boolean {
  const isSmaller = shape.some((edge, axis) => edge < (other[axis] ?? 0));
  return isSmaller && shape.every((edge, axis) => edge <= (other[axis] ?? 0));
}

/** Rows of a grid over all tiles that the query asks for, as a catalogue would have them. */
async function* gridOf(
  database: Database,
  query: HypercubeQuery,
  cubeShape: WantedHypercubes["cubeShape"],
  options: QueryOptions,
): AsyncGenerator<HypercubeBatch, void, undefined> {
  const [t, z, y, x] = cubeShape.map((edge) => Math.ceil(edge / 2));
  const stride = [t ?? 1, z ?? 1, y ?? 1, x ?? 1] as const;
  const { max_rois, max_tiles, max_hypercubes, timepoint_list } = query;
  const [rois, names] = [new Set<string>(), new Set<string>()];
  const tiles: TileRecord[] = [];
  let left = max_hypercubes ?? Number.POSITIVE_INFINITY;
  for await (const tile of database.tiles({ ...options, query })) {
    if (query.has_annotations && tile.labels_path === null) continue;
    const { time_size, z_size, y_size, x_size } = tile;
    const places = gridPlaces([time_size, z_size, y_size, x_size], { cubeShape, stride })
      .filter(({ time_start }) => timepoint_list?.includes(time_start) ?? true)
      .slice(0, left);
    const roi = tile.prepared_id;
    if (places.length === 0 || !isAmong(rois, roi, max_rois)) continue;
    if (!isAmong(names, `${roi}/${tile.tile_name}`, max_tiles)) continue;
    left -= places.length;
    tiles.push(tile);
    yield { ...columnsOf(places, tiles.length - 1), tiles, statistics: {}, boxes: null };
  }
}

/** Whether a name is one of the first so many, of those that came. */
function isAmong(names: Set<string>, name: string, most: number | null | undefined): boolean {
  if (!names.has(name) && names.size >= (most ?? Number.POSITIVE_INFINITY)) return false;
  names.add(name);
  return true;
}

function columnsOf(places: readonly GridPlace[], tile: number) {
  const column = (name: keyof GridPlace) => Int32Array.from(places, (place) => place[name]);
  return {
    numRows: places.length,
    tile: new Int32Array(places.length).fill(tile),
    time_start: column("time_start"),
    z_start: column("z_start"),
    y_start: column("y_start"),
    x_start: column("x_start"),
    time_size: column("time_size"),
    z_size: column("z_size"),
    y_size: column("y_size"),
    x_size: column("x_size"),
  };
}
