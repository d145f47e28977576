import type { DatabasesConfig } from "../config/index.ts";
import {
  baseShapeOf,
  type CubeShape,
  cachedColumns,
  cachingRows,
  type HypercubeBatch,
  type HypercubeQuery,
  HypercubeTable,
  locationOf,
  openDatabase,
  type QueryOptions,
  requireCached,
} from "../database/index.ts";
import { DataError, Quarantine } from "../images/index.ts";
import { gridOver } from "./grid-over.ts";

/** What a sample is, and so what a hypercube must have. */
export interface WantedHypercubes {
  readonly cubeShape: readonly [t: number, z: number, y: number, x: number];
  /** Channels of the image, that of the labels among them. */
  readonly numChannels: number;
  /** Channels that are read; null: all, which are then as many as `numChannels`. */
  readonly channels: readonly number[] | null;
  /** Whether images with fewer channels are wanted as well: zeros take the place of the others. */
  readonly mayLackChannels?: boolean;
}

export interface AskOptions extends QueryOptions {
  /** A remark for the user, when a server is being waited for. */
  note?(text: string): void;
}

/**
 * The hypercubes of a catalogue that a data set asks for, in the catalogue's order.
 *
 * When the catalogue has none of the shape, and no filter asks for numbers that only it knows, a
 * grid is laid over its tiles, half a hypercube apart: any shape can be trained on at once. Where
 * whole tiles are asked for (with_hypercubes_dataframe is false), the same grid is laid over them.
 *
 * @throws CatalogueError; {@link DataError} DATA_EMPTY, with what each filter left, when there are
 *   none.
 */
export async function findHypercubes(
  databases: DatabasesConfig,
  wanted: WantedHypercubes,
  options: AskOptions = {},
): Promise<HypercubeTable> {
  await using question = await askedHypercubes(databases, wanted, options);
  const { database, query, shapes } = question;
  const { quarantine_path } = databases;
  const quarantine = quarantine_path === null ? null : await Quarantine.read(quarantine_path);
  let numAtFault = 0;
  const onRemoved = (count: number) => {
    numAtFault += count;
  };
  const healthy = (rows: Batches) => quarantine?.without(rows, onRemoved) ?? rows;
  const rows = rowsOf(question, { databases, wanted, options, healthy });
  const table = await HypercubeTable.from(healthy(rows));
  if (table.numRows > 0) return table;
  const found = shapes.map(({ shape, count }) => `${shape.join(" x ")} (${count})`).join(", ");
  const steps = await database.explain(query, options);
  const remaining = [
    ...steps.map(({ clause, remaining }) => `${clause} ${remaining}`),
    ...(numAtFault > 0 ? [`quarantine_path ${table.numRows} (it has ${numAtFault})`] : []),
  ].join(", ");
  const asked = `${wanted.cubeShape.join(" x ")} (T Z Y X) with ${wanted.numChannels} channels`;
  const message = `${database.place} has no hypercube of ${asked} for this config; it has ${found || "none"}; left after each filter: ${remaining}`;
  throw new DataError("DATA_EMPTY", message);
}

/** The database of a config, open, and the question that a run asks it. */
export async function askedHypercubes(
  databases: DatabasesConfig,
  wanted: WantedHypercubes,
  options: AskOptions = {},
) {
  const { cubeShape } = wanted;
  const database = await openDatabase(databases, cubeShape, options);
  try {
    const filters = { ...databases, location: locationOf(databases), ...channelsAsked(wanted) };
    const areTiles = !databases.with_hypercubes_dataframe;
    const shapes = areTiles ? [] : await database.cubeShapes(options);
    const query: HypercubeQuery = areTiles
      ? filters
      : { ...filters, ...shapeAsked(cubeShape, shapes, databases) };
    const { use_cached_hypercubes_dataframe: isCached, hypercubes_dataframe_path: cache } =
      databases;
    if (isCached && cache !== null) requireCached(cache, query);
    const close = () => database[Symbol.asyncDispose]();
    return { database, query, shapes, [Symbol.asyncDispose]: close };
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

/** How many channels an image has that a run can read. */
function channelsAsked({
  channels,
  numChannels,
  mayLackChannels = false,
}: WantedHypercubes): Pick<HypercubeQuery, "num_channels" | "min_channels"> {
  if (mayLackChannels) return { min_channels: 1 };
  return channels ? { min_channels: Math.max(...channels) + 1 } : { num_channels: numChannels };
}

/** Which hypercubes of the catalogue are of a shape, and what they are put together from. */
function shapeAsked(
  cubeShape: WantedHypercubes["cubeShape"],
  shapes: readonly CubeShape[],
  { base_cube_size_z: z, base_cube_size_y: y, base_cube_size_x: x }: DatabasesConfig,
): Pick<HypercubeQuery, "cube_shape" | "base_cube_shape" | "edge_hypercubes"> {
  const base_cube_shape = baseShapeOf(cubeShape, shapes, [z, y, x]);
  // A smaller hypercube at the end of its image may be a whole one of another grid.
  const hasSmaller = shapes.some(({ shape }) => isWithin(shape, cubeShape));
  return {
    cube_shape: cubeShape,
    base_cube_shape,
    // Of those that are cut, what lies outside of the image is padding, and counts for nothing.
    edge_hypercubes: base_cube_shape === null && hasSmaller ? "drop" : "keep",
  };
}

/** Another shape, along no axis larger. */
function isWithin(shape: readonly number[], other: readonly number[]): boolean {
  const isSmaller = shape.some((edge, axis) => edge < (other[axis] ?? 0));
  return isSmaller && shape.every((edge, axis) => edge <= (other[axis] ?? 0));
}

type Batches = AsyncIterable<HypercubeBatch>;

interface Asking {
  readonly databases: DatabasesConfig;
  readonly wanted: WantedHypercubes;
  readonly options: AskOptions;
  /** Leaves out what is at fault: of rows that are cached, for a reader that knows no quarantine. */
  healthy(rows: Batches): Batches;
}

/** Hypercubes as the database lists them, or of a grid over its tiles. */
function rowsOf(
  { database, query, shapes }: Awaited<ReturnType<typeof askedHypercubes>>,
  { databases, wanted: { cubeShape }, options, healthy }: Asking,
): Batches {
  const { hypercubes_dataframe_path: cache, use_cached_hypercubes_dataframe: isCached } = databases;
  const listed = (): Batches => {
    if (cache === null || isCached || database.kind === "duckdb") {
      return database.hypercubes(query, options);
    }
    const rows = database.hypercubes(query, { ...options, ...cachedColumns(query) });
    return cachingRows(areTiles ? rows : healthy(rows), { database, query }, cache); // as the Python platform does
  };
  const areTiles = query.with_hypercubes_dataframe === false;
  const { timepoint_list = null, max_hypercubes = null } = query;
  if (areTiles) {
    return gridOver(listed(), { cubeShape, mayBeCut: true, timepoint_list, most: null });
  }
  const isKnown =
    query.base_cube_shape !== null || shapes.some(({ shape }) => shape.join() === cubeShape.join());
  const needsNumbers = databases.occupancy_threshold !== null || databases.cdf_threshold !== null;
  if (isKnown || needsNumbers) return listed();
  const ofTiles = { ...query, with_hypercubes_dataframe: false, max_hypercubes: null };
  const grid = { cubeShape, mayBeCut: false, timepoint_list, most: max_hypercubes };
  return gridOver(database.hypercubes(ofTiles, options), grid);
}
