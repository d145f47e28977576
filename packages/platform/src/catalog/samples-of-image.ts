import { dirname } from "node:path";
import type { Origin, Sampler } from "../data/index.ts";
import type { HypercubeRecord } from "../database/index.ts";
import type { ImageDescription } from "../images/index.ts";

/** Samples at given places of an image, in their order. */
export function samplesOfImage(image: ImageDescription, origins: readonly Origin[]): Sampler {
  const [time_size, z_size, y_size, x_size, channel_size] = image.shape;
  const record: HypercubeRecord = {
    prepared_id: image.name,
    tile_name: image.name,
    server_folder: dirname(image.path),
    output_folder: "",
    array_path: image.arrayPath,
    axes: image.axes,
    labels_path: null,
    channel_size,
    dtype: image.array.dtype,
    hpf: null,
    is_synthetic: image.isSynthetic,
    tile_shape: [time_size, z_size, y_size, x_size, channel_size],
    time_start: 0,
    z_start: 0,
    y_start: 0,
    x_start: 0,
    time_size,
    z_size,
    y_size,
    x_size,
  };
  const sampleAt = (_: number, place: number) => ({
    index: place,
    record,
    origin: origins[place] ?? [0, 0, 0, 0],
  });
  const samplesPerEpoch = origins.length;
  return { samplesPerEpoch, sampleAt, replacementsCount: true, replacementAt: sampleAt };
}
