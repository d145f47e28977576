import type { DatabasesConfig } from "../config/index.ts";
import {
  type Database,
  DuckDbDatabase,
  type HypercubeQuery,
  type HypercubeRecord,
  type QueryOptions,
  type TileRecord,
} from "../database/index.ts";
import { gridPlaces } from "./catalogue/grid.ts";
import { DataError } from "./errors.ts";

/** What a sample is, and so what a hypercube must have. */
export interface WantedHypercubes {
  readonly cubeShape: readonly [t: number, z: number, y: number, x: number];
  readonly numChannels: number;
  /** Channels that are read; null: all, which are then as many as `numChannels`. */
  readonly channels: readonly number[] | null;
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
  { kind: _, ...databases }: DatabasesConfig,
  wanted: WantedHypercubes,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<readonly HypercubeRecord[]> {
  const { cubeShape, channels, numChannels } = wanted;
  await using database = await DuckDbDatabase.open(databases);
  const query: HypercubeQuery = {
    ...databases,
    cube_shape: cubeShape,
    ...(channels ? { min_channels: Math.max(...channels) + 1 } : { num_channels: numChannels }),
  };
  const options = signal ? { signal } : {};
  const shapes = await database.cubeShapes(options);
  const isKnown = shapes.some(({ shape }) => shape.join() === cubeShape.join());
  const needsNumbers = databases.occupancy_threshold !== null || databases.cdf_threshold !== null;
  const records =
    isKnown || needsNumbers
      ? await listed(database, query, options)
      : await laidOver(database, { query, cubeShape, options });
  if (records.length > 0) return records;
  const found = shapes.map(({ shape, count }) => `${shape.join(" x ")} (${count})`).join(", ");
  const steps = await database.explain(query, options);
  const left = steps.map(({ clause, remaining }) => `${clause} ${remaining}`).join(", ");
  const asked = `${cubeShape.join(" x ")} (T Z Y X) with ${wanted.numChannels} channels`;
  const message = `${databases.catalogue_path} has no hypercube of ${asked} for this config; it has ${found || "none"}; left after each filter: ${left}`;
  throw new DataError("DATA_EMPTY", message);
}

async function listed(
  database: Database,
  query: HypercubeQuery,
  options: QueryOptions,
): Promise<HypercubeRecord[]> {
  const records: HypercubeRecord[] = [];
  for await (const record of database.hypercubes(query, options)) records.push(record);
  return records;
}

async function laidOver(
  database: Database,
  {
    query,
    cubeShape,
    options,
  }: {
    readonly query: HypercubeQuery;
    readonly cubeShape: WantedHypercubes["cubeShape"];
    readonly options: QueryOptions;
  },
): Promise<HypercubeRecord[]> {
  const [t, z, y, x] = cubeShape.map((edge) => Math.ceil(edge / 2));
  const stride = [t ?? 1, z ?? 1, y ?? 1, x ?? 1] as const;
  const unknown = { occupancy_ratios: [], cdf_80: [], cdf_90: [], cdf_95: [], cdf_99: [] };
  const records: HypercubeRecord[] = [];
  for await (const tile of database.tiles(options)) {
    if (!isWanted(tile, query)) continue;
    const { time_size, z_size, y_size, x_size, channel_size } = tile;
    const tile_shape = [time_size, z_size, y_size, x_size, channel_size] as const;
    for (const place of gridPlaces(tile_shape, { cubeShape, stride })) {
      if (isAtWantedTime(place.time_start, query)) {
        records.push({ ...tile, ...place, ...unknown, tile_shape });
      }
    }
  }
  return limited(records, query);
}

function isWanted(tile: TileRecord, query: HypercubeQuery): boolean {
  const { roi_list, tile_list, hpf_list, synthetic_only, has_annotations } = query;
  const { num_channels, min_channels } = query;
  const isIn = <Value>(list: readonly Value[] | null | undefined, value: Value) =>
    list === null || list === undefined || list.includes(value);
  return (
    (!num_channels || tile.channel_size === num_channels) &&
    (!min_channels || tile.channel_size >= min_channels) &&
    isIn(roi_list, tile.prepared_id) &&
    isIn(tile_list, tile.tile_name) &&
    isIn(hpf_list, tile.hpf) &&
    isIn(
      synthetic_only === null || synthetic_only === undefined ? null : [synthetic_only],
      tile.is_synthetic,
    ) &&
    (!has_annotations || tile.labels_path !== null)
  );
}

function isAtWantedTime(time: number, { timepoint_list }: HypercubeQuery): boolean {
  return timepoint_list?.includes(time) ?? true;
}

/** The first so many ROIs, tiles and rows; the rows are in the catalogue's order. */
function limited(
  records: readonly HypercubeRecord[],
  { max_rois, max_tiles, max_hypercubes }: HypercubeQuery,
): HypercubeRecord[] {
  const firstOf = (
    rows: readonly HypercubeRecord[],
    key: (row: HypercubeRecord) => string,
    most: number,
  ) => {
    const names = new Set([...new Set(rows.map(key))].slice(0, most));
    return rows.filter((row) => names.has(key(row)));
  };
  let rows = [...records];
  if (max_rois) rows = firstOf(rows, (row) => row.prepared_id, max_rois);
  if (max_tiles) rows = firstOf(rows, (row) => `${row.prepared_id}/${row.tile_name}`, max_tiles);
  return max_hypercubes ? rows.slice(0, max_hypercubes) : rows;
}
