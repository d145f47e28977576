import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { finished } from "node:stream/promises";
import { replaceFile, temporaryName } from "../../telemetry/index.ts";
import type { Database } from "../database.ts";
import { CatalogueError } from "../errors.ts";
import type { HypercubeBatch } from "../hypercube-batch.ts";
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
  "tile_time_size",
  "tile_z_size",
  "tile_y_size",
  "tile_x_size",
  "channel_size",
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

/**
 * Saves a query's rows as the Python platform caches them: CSV as pandas writes it, and a JSON
 * side-car of the same name with what was asked. Both platforms read it.
 *
 * Of a channel's frames the database tells the least ratio: it stands for each of them. The columns
 * of storage are true for the one that was asked for, or for all.
 *
 * @throws {@link CatalogueError} CATALOGUE_WRITE; what the database throws.
 */
export async function saveCachedRows(
  database: Database,
  query: HypercubeQuery,
  path: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const temporary = temporaryName(path);
  const channels = query.num_channels ?? query.min_channels ?? 2;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = createWriteStream(temporary, { flush: true });
    const written = finished(file);
    written.catch(() => {}); // it is awaited below
    const names = [...columns, ...occupancyNames(channels)];
    file.write(`,${names.join(",")}\n`);
    let first = 0;
    for await (const batch of database.hypercubes(query, { signal, channels, boxes: true })) {
      const text = linesOf(batch, { first, channels, query });
      if (!file.write(text)) await Promise.race([once(file, "drain"), written]);
      first += batch.numRows;
    }
    file.end();
    await written;
    await rename(temporary, path);
    const about = { source: database.place, kind: database.kind, num_rows: first, ...query };
    replaceFile(`${path.replace(/\.csv$/, "")}.json`, `${JSON.stringify(about, null, 2)}\n`);
  } catch (cause) {
    await rm(temporary, { force: true });
    if (!(cause instanceof Error && "syscall" in cause)) throw cause;
    throw new CatalogueError(
      "CATALOGUE_WRITE",
      `${path} cannot be written: ${cause.message}`,
      cause,
    );
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
      (query.location ?? location) === location ? "True" : "False";
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
      tile.time_size,
      tile.z_size,
      tile.y_size,
      tile.x_size,
      tile.channel_size,
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

/** By channel: the counts at each percentile, and the boxes of cells. */
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
  return JSON.stringify(Object.fromEntries(entries));
}

function cellText(value: string | number | null): string {
  if (value === null) return "";
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
