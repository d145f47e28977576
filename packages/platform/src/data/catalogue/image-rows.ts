import { dirname, relative, resolve } from "node:path";
import type { HypercubeStatistics, TileRecord } from "../../database/index.ts";
import { imageAxes, shapeAlong } from "../axes.ts";
import { DataError } from "../errors.ts";
import { HypercubeSource } from "../source/hypercube-source.ts";
import { cubeStatistics } from "./cube-statistics.ts";
import { describeImage, type ImageDescription } from "./describe-image.ts";
import { type Grid, type GridPlace, gridPlaces } from "./grid.ts";
import { occupancyThreshold } from "./occupancy-threshold.ts";

export interface ImageRowsOptions {
  /** Name of the acquisition; null: the image's, without its ending. */
  readonly prepared_id?: string | null;
  readonly grids: readonly Grid[];
  /** The catalogue's own folder: where folders in it begin. */
  readonly home: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

/** What a catalogue says of an image. */
export interface ImageRows {
  readonly tile: TileRecord;
  readonly hypercubes: readonly HypercubeStatistics[];
  /** Chunks of the image that are not on disk: they count as their fill value. */
  readonly missingChunks: number;
}

/**
 * Computes the rows of an image from its voxels: the tile, and the hypercubes of every grid, with
 * occupancy and percentiles. Of the voxels, memory holds one hypercube, or 64 planes at most.
 *
 * No catalogue is open meanwhile: who writes to one keeps everyone else out.
 *
 * @throws {@link DataError} DATA_SHAPE when the image is smaller than every hypercube; DATA_CHUNK.
 */
export async function imageRows(path: string, options: ImageRowsOptions): Promise<ImageRows> {
  const image = await describeImage(path);
  const places = options.grids.flatMap((grid) => gridPlaces(image.shape, grid));
  if (places.length === 0) {
    const asked = options.grids.map(({ cubeShape }) => cubeShape.join(" x ")).join(", ");
    const message = `${path} is ${image.shape.slice(0, 4).join(" x ")} voxels: smaller than ${asked}`;
    throw new DataError("DATA_SHAPE", message);
  }
  const { thresholds, missingChunks } = await lookThrough(image, options);
  const tile = tileOf(image, thresholds, options);
  const hypercubes: HypercubeStatistics[] = [];
  for await (const cube of cubesOf(image, tile, places, options)) hypercubes.push(cube);
  return { tile, hypercubes, missingChunks };
}

function tileOf(
  image: ImageDescription,
  thresholds: readonly number[],
  { prepared_id, home }: ImageRowsOptions,
): TileRecord {
  const [time_size, z_size, y_size, x_size, channel_size] = image.shape;
  const [z_um, y_um, x_um] = image.voxelUm;
  return {
    prepared_id: prepared_id ?? image.name.replace(/(\.ome)?\.zarr$/, ""),
    tile_name: image.name,
    server_folder: ".",
    output_folder: relative(resolve(home), dirname(resolve(image.path))) || ".",
    array_path: image.arrayPath,
    axes: image.axes,
    labels_path: image.labelsPath,
    tracks_path: image.tracksPath,
    time_size,
    z_size,
    y_size,
    x_size,
    channel_size,
    dtype: image.array.dtype,
    z_um,
    y_um,
    x_um,
    frame_interval_s: image.frameIntervalS,
    hpf: image.hpf,
    is_synthetic: image.isSynthetic,
    source: image.source,
    occupancy_thresholds: thresholds,
  };
}

/** Reads the image once, a few planes at a time: a threshold for each channel, and what is missing. */
async function lookThrough(
  image: ImageDescription,
  { signal, onProgress }: ImageRowsOptions,
): Promise<{ readonly thresholds: number[]; readonly missingChunks: number }> {
  const [T, Z, Y, X, C] = image.shape;
  const [chunkT = 1, chunkZ = 1] = shapeAlong(image.array.chunkShape, image.axes, imageAxes);
  const planes = planesOfBlock(Math.floor(2 ** 26 / (Y * X * C)), chunkZ);
  const histograms = Array.from({ length: C }, () => new Float64Array(65536));
  let missingChunks = 0;
  for (let t = 0; t < T; t++) {
    for (let z = 0; z < Z; z += planes) {
      const depth = Math.min(planes, Z - z);
      const place = { origin: [t, z, 0, 0], size: [1, depth, Y, X] } as const;
      const { voxels, missing } = await readBlock(image, place, signal);
      // A chunk that reaches over several blocks is counted in the first.
      if (t % chunkT === 0 && z % chunkZ === 0) missingChunks += missing;
      for (let i = 0; i < voxels.length; i++) {
        const histogram = histograms[i % C];
        const value = voxels[i] ?? 0;
        if (histogram) histogram[value] = (histogram[value] ?? 0) + 1;
      }
      onProgress?.((0.5 * (t + (z + depth) / Z)) / T);
    }
  }
  return { thresholds: histograms.map(occupancyThreshold), missingChunks };
}

/** At most 64 and `most` planes, whole chunks of them or a whole part of one; one at least. */
function planesOfBlock(most: number, chunkDepth: number): number {
  let planes = Math.max(1, Math.min(64, most));
  if (planes >= chunkDepth) return planes - (planes % chunkDepth);
  while (chunkDepth % planes !== 0) planes -= 1;
  return planes;
}

interface BlockPlace {
  readonly origin: readonly [t: number, z: number, y: number, x: number];
  readonly size: readonly [t: number, z: number, y: number, x: number];
}

/** Voxels of a block, [T Z Y X C]; missing chunks are the fill value, and counted. */
async function readBlock(
  image: ImageDescription,
  { origin, size }: BlockPlace,
  signal: AbortSignal | undefined,
): Promise<{ readonly voxels: Uint16Array; readonly missing: number }> {
  const numChannels = image.shape[4];
  const length = size.reduce((product, edge) => product * edge, numChannels);
  const voxels = new Uint16Array(new SharedArrayBuffer(2 * length));
  const source = new HypercubeSource({
    cubeShape: size,
    channels: null,
    numChannels,
    missingChunks: "fill",
  });
  const report = await source.readFrom(image.array, image.axes, origin, voxels, signal);
  return { voxels, missing: report.missingChunks };
}

async function* cubesOf(
  image: ImageDescription,
  { occupancy_thresholds }: TileRecord,
  places: readonly GridPlace[],
  { signal, onProgress }: ImageRowsOptions,
): AsyncGenerator<HypercubeStatistics> {
  for (const [done, place] of places.entries()) {
    const origin = [place.time_start, place.z_start, place.y_start, place.x_start] as const;
    const size = [place.time_size, place.z_size, place.y_size, place.x_size] as const;
    const { voxels } = await readBlock(image, { origin, size }, signal);
    const statistics = { numFrames: place.time_size, thresholds: occupancy_thresholds };
    yield { ...place, ...cubeStatistics(voxels, statistics) };
    onProgress?.(0.5 + (0.5 * (done + 1)) / places.length);
  }
}
