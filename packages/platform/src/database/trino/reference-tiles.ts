import type { Blocks } from "../server/reference-blocks.ts";
import { requireColumns, type Tables } from "../server/tables.ts";
import { int, joined, type Sql, sql } from "../sql/fragment.ts";
import { storageFlags } from "../sql/storage-flags.ts";
import { boxesIn } from "./boxes-in-metadata.ts";
import { columnsOf, raw } from "./columns-of.ts";

/** The reference platform's tiles, as in PostgreSQL. */
export function referenceTiles(tables: Tables, { edge }: Blocks, place: string): Sql {
  const view = "prepared_tiles_view_table";
  const named = ["prepared_id", "tile_name", "server_folder", "output_folder", "is_synthetic"];
  requireColumns(tables, { table: view, columns: named, place });
  const ends = ["z", "y", "x"].flatMap((axis) => [`${axis}_start`, `${axis}_end`]);
  const ofRoi = ["id", ...ends, "time_size", "channel_size"];
  requireColumns(tables, { table: "prepared", columns: ofRoi, place });
  const tile = columnsOf(tables, view);
  const isOfSize = tables.get(view)?.has("cube_size")
    ? sql`WHERE t.cube_size = ${int(edge)}`
    : sql``;
  const boxes = tables.get(view)?.has("metadata_tile_json")
    ? boxesIn(tile("metadata_tile_json", "VARCHAR"))
    : sql`CAST(NULL AS VARCHAR)`;
  const noText = ["labels_path", "tracks_path", "source", "occupancy_thresholds"].map(
    (name) => sql`CAST(NULL AS VARCHAR) AS ${raw(name)}`,
  );
  const noNumber = ["z_um", "y_um", "x_um", "frame_interval_s"].map(
    (name) => sql`CAST(NULL AS DOUBLE) AS ${raw(name)}`,
  );
  return sql`(SELECT ${joined(
    named.slice(0, 4).map((name) => sql`${tile(name, "VARCHAR")} AS ${raw(name)}`),
    ", ",
  )}, '' AS array_path, 'TZYXC' AS axes, 'uint16' AS dtype, ${joined([...noText, ...noNumber], ", ")},
CAST(p.time_size AS INTEGER) AS time_size, CAST(p.z_end - p.z_start AS INTEGER) AS z_size,
CAST(p.y_end - p.y_start AS INTEGER) AS y_size, CAST(p.x_end - p.x_start AS INTEGER) AS x_size,
CAST(p.channel_size AS INTEGER) AS channel_size, ${tile("hpf", "DOUBLE")} AS hpf,
coalesce(${tile("is_synthetic", "BOOLEAN")}, FALSE) AS is_synthetic, ${joined(
    storageFlags.map(([column, name]) => sql`${tile(column, "BOOLEAN")} AS ${raw(name)}`),
    ", ",
  )}, ${boxes} AS boxes
FROM prepared_tiles_view_table AS t JOIN prepared AS p ON p.id = t.prepared_id ${isOfSize})`;
}
