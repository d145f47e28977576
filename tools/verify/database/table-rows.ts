import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CatalogueWriter } from "../../../packages/platform/src/database/index.ts";

/** Boxes of cells, by channel and cell. */
export type Boxes = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

interface TableRow {
  readonly prepared_id: string;
  readonly tile_name: string;
  readonly occupancy: readonly (readonly number[])[];
  readonly cdf: Readonly<Record<string, readonly number[]>>;
  readonly boxes: Boxes;
  readonly [column: string]: unknown;
}

/** The tiles of a table, each with its rows. */
export function rowsOf(folder: string, table: number) {
  const { tiles, rows } = readJson<{ tiles: TableRow[]; rows: TableRow[] }>(
    folder,
    `${table}.json`,
  );
  return tiles.map((tile) => {
    const own = rows.filter(
      (row) => row.prepared_id === tile.prepared_id && row.tile_name === tile.tile_name,
    );
    return { tile: tileOf(tile), hypercubes: own.map(statisticsOf) };
  });
}

type Put = Parameters<CatalogueWriter["put"]>;

function tileOf(tile: TableRow): Put[0] {
  const size = (axis: string) => Number(tile[`tile_${axis}_size`]);
  return {
    prepared_id: tile.prepared_id,
    tile_name: tile.tile_name,
    server_folder: "/data",
    output_folder: "out",
    array_path: "0",
    axes: "TZYXC",
    labels_path: tile.labels_path === null ? null : String(tile.labels_path),
    tracks_path: null,
    time_size: size("time"),
    z_size: size("z"),
    y_size: size("y"),
    x_size: size("x"),
    channel_size: Number(tile.channel_size),
    dtype: "uint16",
    z_um: null,
    y_um: null,
    x_um: null,
    frame_interval_s: null,
    hpf: tile.hpf === null ? null : Number(tile.hpf),
    is_synthetic: tile.is_synthetic === true,
    source: "verify",
    occupancy_thresholds: [],
  };
}

function statisticsOf(row: TableRow) {
  const counts = (percentile: number) => row.cdf[percentile] ?? [];
  const number = (name: string) => Number(row[name]);
  return {
    time_start: number("time_start"),
    z_start: number("z_start"),
    y_start: number("y_start"),
    x_start: number("x_start"),
    time_size: number("time_size"),
    z_size: number("z_size"),
    y_size: number("y_size"),
    x_size: number("x_size"),
    occupancy_ratios: row.occupancy,
    cdf_80: counts(80),
    cdf_90: counts(90),
    cdf_95: counts(95),
    cdf_99: counts(99),
    mask_bbox_dict: JSON.stringify(row.boxes),
  };
}

export function readJson<Value>(folder: string, name: string): Value {
  return JSON.parse(readFileSync(join(folder, name), "utf8")) as Value;
}
