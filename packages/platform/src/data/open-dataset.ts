import type { Device } from "@cell-observatory/engine";
import { setThreads } from "@cell-observatory/zarr";
import type { DatasetsConfig, Layout } from "../config/index.ts";
import {
  type Database,
  DuckDbDatabase,
  type HypercubeQuery,
  type HypercubeRecord,
  type TileRecord,
} from "../database/index.ts";
import { shapeAlong } from "./axes.ts";
import type { Batch } from "./batch.ts";
import { gridPlaces } from "./catalogue/grid.ts";
import { DataError } from "./errors.ts";
import { Dataloader } from "./loader/dataloader.ts";
import { trainingSampler, validationSampler } from "./loader/sampler.ts";
import { splitHypercubes } from "./loader/split.ts";
import { type MaskGenerator, maskGenerator } from "./masking/mask-generator.ts";
import type { MaskGrid } from "./masking/mask-grid.ts";
import { type PreprocessedBatch, rayPreprocessor } from "./preprocessors/ray-preprocessor.ts";
import { HypercubeSource } from "./source/hypercube-source.ts";

export interface DatasetPlace {
  readonly layout: Layout;
  readonly seed: number;
  /** Samples in a batch, on this rank. */
  readonly batchSize: number;
  readonly device: Device;
  readonly rank?: number;
  readonly worldSize?: number;
  readonly signal?: AbortSignal;
}

/** All of the config group `datasets`, ready to be looped over. */
export interface Dataset {
  readonly training: Dataloader;
  /** Null when nothing is held out. */
  readonly validation: Dataloader | null;
  /** Call it in a scope. */
  readonly preprocess: (batch: Batch) => PreprocessedBatch;
  readonly maskGenerator: MaskGenerator;
  /** Hypercubes on each side, for the log. */
  readonly numTraining: number;
  readonly numValidation: number;
  readonly numStraddling: number;
}

/**
 * Opens what the config describes: asks the database, holds out a part, and sets up the way of the
 * voxels: source -> LoaderActor -> CollatorActor -> DeviceBuffer -> RayPreprocessor.
 *
 * @throws CatalogueError; {@link DataError} DATA_EMPTY when no hypercube is left, DATA_SPLIT.
 */
export async function openDataset(config: DatasetsConfig, place: DatasetPlace): Promise<Dataset> {
  const { layout, seed, batchSize, device, rank = 0, worldSize = 1 } = place;
  const { loader, channels_subset, drop_last_policy } = config;
  const [t = 1, z = 1, y = 1, x = 1, c = 1] = shapeAlong(config.input_shape, layout, "TZYXC");
  const cubeShape = [t, z, y, x] as const;
  if (loader.num_threads !== null) setThreads(loader.num_threads);
  const records = await findHypercubes(config, cubeShape, place.signal);
  const split = splitHypercubes(records, { fraction: config.split, seed });
  const source = new HypercubeSource({
    cubeShape,
    channels: channels_subset,
    numChannels: c,
    missingChunks: loader.missing_chunks,
  });
  const shared = { ...loader, batchSize, rank, worldSize };
  const sampler = trainingSampler(split.training, {
    seed,
    shuffle: loader.shuffle,
    crop: config.crop,
    samplesPerEpoch: config.samples_per_epoch,
  });
  const generator = maskGenerator(config.masking, gridOf(config, layout));
  const parts = { layout, device, seed, maskGenerator: generator };
  return {
    training: new Dataloader({ ...shared, drop_last_policy }, source, sampler),
    validation:
      split.validation.length === 0
        ? null
        : new Dataloader(
            { ...shared, drop_last_policy: false },
            source,
            validationSampler(split.validation),
          ),
    preprocess: rayPreprocessor(config.preprocessor, parts),
    maskGenerator: generator,
    numTraining: split.training.length,
    numValidation: split.validation.length,
    numStraddling: split.numStraddling,
  };
}

/** Tokens along the axes of a layout, but for the channels. */
function gridOf({ input_shape, patch_shape }: DatasetsConfig, layout: Layout): MaskGrid {
  const counts = patch_shape.map((edge, axis) => (input_shape[axis] ?? 0) / edge);
  return { axes: [...layout].slice(0, -1), counts };
}

/**
 * The rows of the database for hypercubes of this shape. When it has none of the shape, and no
 * filter asks for numbers that only it knows, a grid is laid over its tiles, half a hypercube apart.
 */
async function findHypercubes(
  config: DatasetsConfig,
  cubeShape: readonly [t: number, z: number, y: number, x: number],
  signal: AbortSignal | undefined,
): Promise<readonly HypercubeRecord[]> {
  const { databases, channels_subset, input_shape } = config;
  await using database = await DuckDbDatabase.open(databases);
  const query: HypercubeQuery = { ...databases, cube_shape: cubeShape };
  const options = signal ? { signal } : {};
  let records: HypercubeRecord[] = [];
  for await (const record of database.hypercubes(query, options)) records.push(record);
  const needsNumbers = databases.occupancy_threshold !== null || databases.cdf_threshold !== null;
  const shapes = await database.cubeShapes(options);
  const isKnown = shapes.some(({ shape }) => shape.join() === cubeShape.join());
  if (records.length === 0 && !isKnown && !needsNumbers) {
    records = await laidOver(database, query, cubeShape);
  }
  const numChannels = channels_subset
    ? Math.max(...channels_subset) + 1
    : (input_shape.at(-1) ?? 1);
  const fits = ({ channel_size }: HypercubeRecord) =>
    channels_subset ? channel_size >= numChannels : channel_size === numChannels;
  const kept = records.filter(fits);
  if (kept.length > 0) return kept;
  const found = shapes.map(({ shape, count }) => `${shape.join(" x ")} (${count})`).join(", ");
  const steps = await database.explain(query, options);
  const left = steps.map(({ clause, remaining }) => `${clause}: ${remaining}`).join(", ");
  const message = `${databases.catalogue_path} has no hypercube of ${cubeShape.join(" x ")} voxels with ${numChannels} channels for this config; it has ${found || "none at all"}; left after each filter: ${left}`;
  throw new DataError("DATA_EMPTY", message);
}

async function laidOver(
  database: Database,
  query: HypercubeQuery,
  cubeShape: readonly [t: number, z: number, y: number, x: number],
): Promise<HypercubeRecord[]> {
  const [t, z, y, x] = cubeShape.map((edge) => Math.ceil(edge / 2));
  const stride = [t ?? 1, z ?? 1, y ?? 1, x ?? 1] as const;
  const unknown = { occupancy_ratios: [], cdf_80: [], cdf_90: [], cdf_95: [], cdf_99: [] };
  const records: HypercubeRecord[] = [];
  for await (const tile of database.tiles()) {
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
  const isIn = <Value>(list: readonly Value[] | null | undefined, value: Value) =>
    list === null || list === undefined || list.includes(value);
  return (
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
