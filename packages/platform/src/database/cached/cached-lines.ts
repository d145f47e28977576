import type { HypercubeBatch } from "../hypercube-batch.ts";
import { placeColumns } from "../hypercube-place.ts";
import { type HypercubeQuery, percentiles } from "../hypercube-query.ts";

const columns = [
  "prepared_id",
  "tile_name",
  "server_folder",
  "output_folder",
  "array_path",
  "axes",
  "dtype",
  "labels_path",
  "tracks_path",
  "source",
  "tile_time_size",
  "tile_z_size",
  "tile_y_size",
  "tile_x_size",
  "channel_size",
  "z_um",
  "y_um",
  "x_um",
  "frame_interval_s",
  "hpf",
  "is_synthetic",
  ...placeColumns,
  "exists",
  "exists_prfs",
  "exists_aws",
  "exists_oak",
  "pc_metadata_json",
] as const;

/** The first line; the column without a name is pandas' index. */
export const cachedHead = (channels: number): string =>
  `,${[...columns, ...occupancyNames(channels)].join(",")}\n`;

const occupancyNames = (channels: number) =>
  Array.from({ length: channels }, (_, c) => `occupancy_ratios_ch_${c}`);

interface Lines {
  /** Number of the batch's first row: pandas' index. */
  readonly first: number;
  readonly channels: number;
  readonly query: HypercubeQuery;
}

/** The rows of a batch, with {@link cachedHead}'s columns. */
export function cachedLines(batch: HypercubeBatch, { first, channels, query }: Lines): string {
  let text = "";
  for (let row = 0; row < batch.numRows; row++) {
    const tile = batch.tiles[batch.tile[row] ?? -1];
    if (!tile) throw new RangeError(`row ${first + row} is of no tile`);
    const isIn = (location: HypercubeQuery["location"]) =>
      query.location === location ? "True" : null;
    const own = Math.min(channels, tile.channel_size);
    const cells: (string | number | null)[] = [
      first + row,
      tile.prepared_id,
      tile.tile_name,
      tile.server_folder,
      tile.output_folder,
      tile.array_path,
      tile.axes,
      tile.dtype,
      tile.labels_path,
      tile.tracks_path,
      tile.source,
      tile.time_size,
      tile.z_size,
      tile.y_size,
      tile.x_size,
      tile.channel_size,
      tile.z_um,
      tile.y_um,
      tile.x_um,
      tile.frame_interval_s,
      tile.hpf,
      tile.is_synthetic ? "True" : "False",
      batch.time_start[row] ?? 0,
      batch.z_start[row] ?? 0,
      batch.y_start[row] ?? 0,
      batch.x_start[row] ?? 0,
      batch.time_size[row] ?? 0,
      batch.z_size[row] ?? 0,
      batch.y_size[row] ?? 0,
      batch.x_size[row] ?? 0,
      isIn("exists"),
      isIn("exists_prfs"),
      isIn("exists_aws"),
      isIn("exists_oak"),
      metadataOf(batch, row, own),
      ...Array.from({ length: channels }, (_, c) => (c < own ? framesOf(batch, row, c) : null)),
    ];
    text += `${cells.map(cellText).join(",")}\n`;
  }
  return text;
}

function framesOf(batch: HypercubeBatch, row: number, channel: number): string {
  const least = batch.statistics[`min_occupancy_ratios_ch_${channel}`]?.[row] ?? Number.NaN;
  const ratio = Number.isNaN(least) ? "nan" : String(least);
  return `[${Array.from({ length: batch.time_size[row] ?? 0 }, () => ratio).join(" ")}]`;
}

/**
 * By channel: the counts at each percentile, and the boxes of cells; of channels behind the image's,
 * such as that of labels, boxes alone.
 */
function metadataOf(batch: HypercubeBatch, row: number, channels: number): string {
  const text = batch.boxes?.[row] ?? null; // null: nobody has looked, which is not "no cells"
  const boxes = text === null ? null : (JSON.parse(text) as Readonly<Record<string, object>>);
  const entries = Array.from({ length: channels }, (_, c) => {
    const counts = percentiles.map((percentile) => {
      const value = batch.statistics[`cdf_${percentile}_ch_${c}`]?.[row] ?? Number.NaN;
      return [`${percentile}.0`, Number.isNaN(value) ? null : value] as const;
    });
    const histogram = Object.fromEntries(counts);
    return [c, boxes ? { histogram, mask_bbox_dict: boxes[c] ?? {} } : { histogram }] as const;
  });
  const others = Object.entries(boxes ?? {})
    .filter(([channel]) => Number(channel) >= channels)
    .map(([channel, mask_bbox_dict]) => [channel, { mask_bbox_dict }] as const);
  return JSON.stringify(Object.fromEntries([...entries, ...others]));
}

/** A cell of CSV as pandas writes it. */
export function cellText(value: string | number | null): string {
  if (value === null) return "";
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
