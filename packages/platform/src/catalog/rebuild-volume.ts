import { resolve } from "node:path";
import { arrayPath, type Origin } from "../data/index.ts";
import type { HypercubeRecord, HypercubeTable } from "../database/index.ts";
import { DataError, describeImage, gridPlaces, voxelSizeOf } from "../images/index.ts";
import {
  ErrorTally,
  type Predictor,
  RebuiltVolume,
  type ReconstructionErrors,
} from "../inference/index.ts";
import type { VoxelBox, VoxelSize } from "../picture/index.ts";
import { asSeen } from "./as-seen.ts";
import { batchShape } from "./batch-shape.ts";
import { samplesOfImage } from "./samples-of-image.ts";
import type { TrainingParts } from "./training-parts.ts";
import { type Region, regionOf } from "./volume-region.ts";

export interface RebuildOptions {
  readonly image: string | null;
  readonly frame: number | null;
  readonly signal: AbortSignal;
}

export interface Rebuilt {
  readonly volume: RebuiltVolume;
  readonly voxelSize: VoxelSize;
  /** Folder of the image. */
  readonly image: string;
  readonly place: { readonly origin: readonly number[]; readonly shape: readonly number[] };
  /** What training did not see of the volume, in its voxels; null: not known, or nothing. */
  readonly heldOut: VoxelBox | null;
  readonly errors: ReconstructionErrors;
}

/**
 * Rebuilds the space of an image, in samples of the sizes that the model sees, at the frames of one sample: all of it, or as
 * much around its middle as memory is meant for.
 */
export async function rebuildVolume(
  { config, data }: TrainingParts,
  predictor: Predictor,
  { image: path, frame, signal }: RebuildOptions,
): Promise<Rebuilt> {
  const { table, heldOut } = data;
  const first = table.numRows === 0 ? undefined : table.recordAt(heldOut[0] ?? 0);
  const image = await describeImage(path ?? imageFolder(first));
  const { cubeShape, patchShape, numChannels } = batchShape(asSeen(config));
  const region = regionOf(image, {
    cube: cubeShape,
    patch: patchShape,
    frame: frame ?? (path === null ? first?.time_start : 0) ?? 0,
  });
  const places = gridPlaces(region.shape, { cubeShape, stride: null });
  const origins = places.map(
    ({ time_start, z_start, y_start, x_start }): Origin => [
      region.origin[0] + time_start,
      region.origin[1] + z_start,
      region.origin[2] + y_start,
      region.origin[3] + x_start,
    ],
  );
  const volume = new RebuiltVolume({
    origin: region.origin,
    shape: [...region.shape, numChannels],
  });
  const tally = new ErrorTally();
  for await (const batch of data.loaderOf(samplesOfImage(image, origins)).epoch(0, { signal })) {
    for (const sample of predictor.rebuild(batch)) {
      volume.add(sample);
      tally.add(sample);
    }
  }
  const isOwn = first !== undefined && resolve(imageFolder(first)) === resolve(image.path);
  return {
    volume,
    voxelSize: voxelSizeOf(image.voxelUm),
    image: image.path,
    place: region,
    heldOut: isOwn
      ? boxOf(
          Array.from(heldOut.filter((row) => isOfTile(table, row, heldOut[0] ?? 0))).map((row) =>
            table.recordAt(row),
          ),
          region,
        )
      : null,
    errors: tally.errors,
  };
}

/** The image's folder: its array's, without the array. */
function imageFolder(record: HypercubeRecord | undefined): string {
  if (record === undefined) throw new DataError("DATA_EMPTY", "the run has no samples to rebuild");
  return resolve(arrayPath(record), ...record.array_path.split("/").map(() => ".."));
}

function isOfTile({ tile }: HypercubeTable, a: number, b: number): boolean {
  return tile[a] === tile[b];
}

/** The smallest box around samples, cut to the region, in voxels of the region. */
function boxOf(records: readonly HypercubeRecord[], { origin, shape }: Region): VoxelBox | null {
  if (records.length === 0) return null;
  const starts = [
    records.map(({ z_start }) => z_start),
    records.map(({ y_start }) => y_start),
    records.map(({ x_start }) => x_start),
  ];
  const ends = [
    records.map(({ z_start, z_size }) => z_start + z_size),
    records.map(({ y_start, y_size }) => y_start + y_size),
    records.map(({ x_start, x_size }) => x_start + x_size),
  ];
  const within = (value: number, axis: number) =>
    Math.min(Math.max(value - (origin[axis + 1] ?? 0), 0), shape[axis + 1] ?? 0);
  const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b));
  const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b));
  const [z0 = 0, y0 = 0, x0 = 0] = starts.map((values, axis) => within(least(values), axis));
  const [z1 = 0, y1 = 0, x1 = 0] = ends.map((values, axis) => within(most(values), axis));
  return { from: [z0, y0, x0], to: [z1, y1, x1] };
}
