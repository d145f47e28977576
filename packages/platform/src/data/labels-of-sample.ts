import { join } from "node:path";
import type { HypercubeRecord } from "../database/index.ts";
import { newSamples, type Samples, zarrSource } from "../images/index.ts";
import type { Origin } from "./sample.ts";

/** Ids of the instances of a sample, [T Z Y X], from the labels of its image; null: it has none. */
export async function labelsOfSample(
  { server_folder, output_folder, tile_name, labels_path, tile_shape }: HypercubeRecord,
  origin: Origin,
  shape: readonly [t: number, z: number, y: number, x: number],
): Promise<Samples | null> {
  if (labels_path === null) return null;
  const path = join(server_folder, output_folder, tile_name, labels_path);
  await using labels = await zarrSource(path, {});
  if (labels.shape.join() !== [...tile_shape.slice(0, 4), 1].join()) return null;
  const isInside = shape.every((size, axis) => {
    return (origin[axis] ?? 0) + size <= (tile_shape[axis] ?? 0);
  });
  if (!isInside) return null; // a sample that is padded
  const ids = newSamples(
    labels.sampleType,
    shape.reduce((a, b) => a * b, 1),
  );
  await labels.read({ origin, shape }, ids, {});
  return ids;
}
