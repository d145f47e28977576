import { dirname, relative, resolve } from "node:path";
import type { CatalogueWriter, HypercubeStatistics, TileRecord } from "../../database/index.ts";
import { DataError } from "../errors.ts";
import { HypercubeSource } from "../source/hypercube-source.ts";
import { cubeStatistics } from "./cube-statistics.ts";
import { describeImage, type ImageDescription } from "./describe-image.ts";
import { type Grid, type GridPlace, gridPlaces } from "./grid.ts";
import { occupancyThreshold } from "./occupancy-threshold.ts";

export interface CatalogueImageOptions {
  /** Name of the acquisition; null: the image's, without its ending. */
  readonly prepared_id?: string | null;
  readonly grids: readonly Grid[];
  /** The catalogue's own folder: where folders in it begin. */
  readonly home: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

/**
 * Computes the rows of an image from its voxels: the tile, and the hypercubes of every grid, with
 * occupancy and percentiles. Memory holds the voxels of one hypercube, or of 64 planes at most.
 *
 * @throws {@link DataError} DATA_SHAPE when the image is smaller than every hypercube; DATA_CHUNK.
 */
export async function catalogueImage(
  path: string,
  writer: CatalogueWriter,
  options: CatalogueImageOptions,
): Promise<{ readonly tile: TileRecord; readonly numHypercubes: number }> {
  const image = await describeImage(path);
  const places = options.grids.flatMap((grid) => gridPlaces(image.shape, grid));
  if (places.length === 0) {
    const asked = options.grids.map(({ cubeShape }) => cubeShape.join(" x ")).join(", ");
    const message = `${path} is ${image.shape.slice(0, 4).join(" x ")} voxels: smaller than ${asked}`;
    throw new DataError("DATA_SHAPE", message);
  }
  const thresholds = await thresholdsOf(image, options);
  const tile = tileOf(image, thresholds, options);
  await writer.put(tile, cubesOf(image, tile, places, options));
  return { tile, numHypercubes: places.length };
}

function tileOf(
  image: ImageDescription,
  thresholds: readonly number[],
  { prepared_id, home }: CatalogueImageOptions,
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

/** Reads the image once, a few planes at a time, and finds a threshold for each channel. */
async function thresholdsOf(
  image: ImageDescription,
  { signal, onProgress }: CatalogueImageOptions,
): Promise<number[]> {
  const [T, Z, Y, X, C] = image.shape;
  const planes = Math.max(1, Math.min(Z, 64, Math.floor(2 ** 26 / (Y * X * C))));
  const histograms = Array.from({ length: C }, () => new Float64Array(65536));
  for (let t = 0; t < T; t++) {
    for (let z = 0; z < Z; z += planes) {
      const depth = Math.min(planes, Z - z);
      const voxels = await readBlock(
        image,
        { origin: [t, z, 0, 0], size: [1, depth, Y, X] },
        signal,
      );
      for (let i = 0; i < voxels.length; i++) {
        const histogram = histograms[i % C];
        const value = voxels[i] ?? 0;
        if (histogram) histogram[value] = (histogram[value] ?? 0) + 1;
      }
      onProgress?.((0.5 * (t + (z + depth) / Z)) / T);
    }
  }
  return histograms.map(occupancyThreshold);
}

interface BlockPlace {
  readonly origin: readonly [t: number, z: number, y: number, x: number];
  readonly size: readonly [t: number, z: number, y: number, x: number];
}

/** Voxels of a block, [T Z Y X C]; missing chunks are the fill value. */
async function readBlock(
  image: ImageDescription,
  { origin, size }: BlockPlace,
  signal: AbortSignal | undefined,
): Promise<Uint16Array> {
  const numChannels = image.shape[4];
  const length = size.reduce((product, edge) => product * edge, numChannels);
  const voxels = new Uint16Array(new SharedArrayBuffer(2 * length));
  const source = new HypercubeSource({
    cubeShape: size,
    channels: null,
    numChannels,
    missingChunks: "fill",
  });
  await source.readFrom(image.array, image.axes, origin, voxels, signal);
  return voxels;
}

async function* cubesOf(
  image: ImageDescription,
  { occupancy_thresholds }: TileRecord,
  places: readonly GridPlace[],
  { signal, onProgress }: CatalogueImageOptions,
): AsyncGenerator<HypercubeStatistics> {
  for (const [done, place] of places.entries()) {
    const origin = [place.time_start, place.z_start, place.y_start, place.x_start] as const;
    const size = [place.time_size, place.z_size, place.y_size, place.x_size] as const;
    const voxels = await readBlock(image, { origin, size }, signal);
    const statistics = { numFrames: place.time_size, thresholds: occupancy_thresholds };
    yield { ...place, ...cubeStatistics(voxels, statistics) };
    onProgress?.(0.5 + (0.5 * (done + 1)) / places.length);
  }
}
