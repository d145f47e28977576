import { basename, dirname, relative, resolve } from "node:path";
import type { TileRecord } from "../../database/index.ts";
import type { ImageDescription } from "./describe-image.ts";

/** The row of an image; folders in it begin at the catalogue's own. */
export function tileOfImage(
  image: ImageDescription,
  {
    thresholds,
    home,
    prepared_id,
  }: {
    readonly thresholds: readonly number[];
    readonly home: string;
    readonly prepared_id: string;
  },
): TileRecord {
  const [time_size, z_size, y_size, x_size, channel_size] = image.shape;
  const [z_um, y_um, x_um] = image.voxelUm;
  const folder = resolve(image.path);
  return {
    prepared_id,
    tile_name: basename(folder),
    server_folder: ".",
    output_folder: relative(resolve(home), dirname(folder)) || ".",
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
