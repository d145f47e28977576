import { join } from "node:path";
import type { HypercubeRecord } from "../database/index.ts";
import { DataError } from "../images/index.ts";

/** Where a block begins in its image, in voxels, and in frames along time. */
export type Origin = readonly [t: number, z: number, y: number, x: number];

/** One sample before it is read: a block of `record`'s image that begins at `origin`. */
export interface Sample {
  /** The sample's number among the data set's, or its place in a set without an end. */
  readonly index: number;
  readonly record: HypercubeRecord;
  readonly origin: Origin;
}

/** The sample's name in logs and errors: ROI, tile, and where it begins. */
export function sampleId({ record, origin }: Sample): string {
  const [t, z, y, x] = origin;
  return `${record.prepared_id}/${record.tile_name}@t${t}z${z}y${y}x${x}`;
}

/** The folder of the array that a record's voxels are in. */
export function arrayPath(
  record: Pick<HypercubeRecord, "server_folder" | "output_folder" | "tile_name" | "array_path">,
): string {
  const { server_folder, output_folder, tile_name, array_path } = record;
  return join(server_folder, output_folder, tile_name, array_path);
}

/**
 * The folder of the labels image of a record.
 *
 * @throws {@link DataError} DATA_LABELS when it has none.
 */
export function labelsFolder(record: HypercubeRecord): string {
  const { server_folder, output_folder, tile_name, labels_path } = record;
  if (labels_path !== null) return join(server_folder, output_folder, tile_name, labels_path);
  const name = `${record.prepared_id}/${tile_name}`;
  throw new DataError("DATA_LABELS", `${name} has no labels, but the run needs them`);
}
