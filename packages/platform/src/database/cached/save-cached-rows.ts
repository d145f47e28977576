import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { replaceFile, temporaryName } from "../../telemetry/index.ts";
import type { Database } from "../database.ts";
import { CatalogueError } from "../errors.ts";
import type { HypercubeBatch } from "../hypercube-batch.ts";
import { type HypercubeQuery, percentiles } from "../hypercube-query.ts";
import type { TileRecord } from "../hypercube-record.ts";
import { sideCarOf } from "./cached-question.ts";
import { roisCsv, roisOf } from "./roi-extents.ts";

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
  "time_start",
  "z_start",
  "y_start",
  "x_start",
  "time_size",
  "z_size",
  "y_size",
  "x_size",
  "exists",
  "exists_prfs",
  "exists_aws",
  "exists_oak",
  "pc_metadata_json",
] as const;

/** With what columns rows must be read to be cached. */
export const cachedColumns = ({ num_channels, min_channels }: HypercubeQuery) => ({
  channels: num_channels ?? min_channels ?? 2,
  boxes: true,
});

/**
 * The same rows, which are saved as they pass, as the Python platform caches them: CSV as pandas
 * writes it, a JSON side-car of the same name with what was asked, and the extents of the ROIs in
 * `NAME_rois.csv`. Both platforms read them. There is no file unless all rows have passed.
 *
 * Of a channel's frames the database tells the least ratio: it stands for each of them. Of the columns
 * of storage the one that was asked for is true, and others are not known.
 *
 * @param rows - with {@link cachedColumns} of the query.
 * @throws {@link CatalogueError} CATALOGUE_WRITE; what the rows throw.
 */
export async function* cachingRows(
  rows: AsyncIterable<HypercubeBatch>,
  {
    database,
    query,
  }: { readonly database: Pick<Database, "place" | "kind">; query: HypercubeQuery },
  path: string,
): AsyncGenerator<HypercubeBatch, void, undefined> {
  const temporary = temporaryName(path);
  const { channels } = cachedColumns(query);
  const file = await asWriting(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    return await open(temporary, "w");
  });
  let [first, isWhole] = [0, false];
  const tiles = new Set<TileRecord>();
  try {
    const names = [...columns, ...occupancyNames(channels)];
    await asWriting(path, () => file.writeFile(`,${names.join(",")}\n`));
    for await (const batch of rows) {
      const text = linesOf(batch, { first, channels, query });
      await asWriting(path, () => file.writeFile(text));
      first += batch.numRows;
      for (const number of new Set(batch.tile)) {
        const tile = batch.tiles[number];
        if (tile) tiles.add(tile);
      }
      yield batch;
    }
    await asWriting(path, () => file.sync());
    isWhole = true;
  } finally {
    await file.close();
    if (!isWhole) await rm(temporary, { force: true });
  }
  const about = { source: database.place, kind: database.kind, num_rows: first, ...query };
  const sideCar = sideCarOf(path);
  await asWriting(path, async () => {
    await rm(sideCar, { force: true }); // so that new rows never stand beside an old question
    replaceFile(roisOf(path), roisCsv(tiles));
    await rename(temporary, path);
    replaceFile(sideCar, `${JSON.stringify(about, null, 2)}\n`);
  });
}

async function asWriting<Value>(path: string, act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CatalogueError("CATALOGUE_WRITE", `${path} cannot be written: ${why}`, cause);
  }
}

const occupancyNames = (channels: number) =>
  Array.from({ length: channels }, (_, c) => `occupancy_ratios_ch_${c}`);

interface Lines {
  /** Number of the batch's first row: pandas' index. */
  readonly first: number;
  readonly channels: number;
  readonly query: HypercubeQuery;
}

function linesOf(batch: HypercubeBatch, { first, channels, query }: Lines): string {
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

function cellText(value: string | number | null): string {
  if (value === null) return "";
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
