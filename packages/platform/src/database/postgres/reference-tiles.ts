import type { Blocks } from "../server/reference-blocks.ts";
import { columnOr, requireColumns, type Tables } from "../server/tables.ts";
import { int, joined, type Sql, sql } from "../sql/fragment.ts";
import { storageFlags } from "../sql/storage-flags.ts";
import { boxesOfFrames, isAnnotated } from "./boxes-of-frames.ts";

const view = "prepared_tiles_view_table";

/**
 * The reference platform's tiles: their folders and flags from its table of tiles, their sizes from
 * their ROI's. All tiles of an ROI have its sizes there; `cello data check` compares with the arrays.
 */
export function referenceTiles(tables: Tables, { edge }: Blocks, place: string): Sql {
  const columns = ["prepared_id", "tile_name", "server_folder", "output_folder", "is_synthetic"];
  requireColumns(tables, { table: view, columns, place });
  const ends = ["z", "y", "x"].flatMap((axis) => [`${axis}_start`, `${axis}_end`]);
  const ofRoi = ["id", ...ends, "time_size", "channel_size"];
  requireColumns(tables, { table: "prepared", columns: ofRoi, place });
  const flags = storageFlags.map(([column, name]) => {
    const value = columnOr(tables, { table: view, column, as: sql`ptv`, type: sql`bool` });
    return sql`${value} AS ${{ parts: [name] }}`;
  });
  const hpf = columnOr(tables, { table: view, column: "hpf", as: sql`ptv`, type: sql`float8` });
  const isOfSize = tables.get(view)?.has("cube_size")
    ? sql`WHERE ptv.cube_size = ${int(edge)}`
    : sql``;
  return sql`(SELECT ptv.prepared_id::text AS prepared_id, ptv.tile_name::text AS tile_name,
  ptv.server_folder::text AS server_folder, ptv.output_folder::text AS output_folder,
  '' AS array_path, 'TZYXC' AS axes, 'uint16' AS dtype, NULL::text AS labels_path,
  NULL::text AS tracks_path, NULL::text AS source, p.time_size::int4 AS time_size,
  (p.z_end - p.z_start)::int4 AS z_size, (p.y_end - p.y_start)::int4 AS y_size,
  (p.x_end - p.x_start)::int4 AS x_size, p.channel_size::int4 AS channel_size,
  NULL::float8 AS z_um, NULL::float8 AS y_um, NULL::float8 AS x_um,
  NULL::float8 AS frame_interval_s, ${hpf} AS hpf, coalesce(ptv.is_synthetic, FALSE) AS is_synthetic,
  ${joined(flags, ", ")}, NULL::text AS occupancy_thresholds, ${boxesOf(tables)} AS boxes
FROM prepared_tiles_view_table AS ptv JOIN prepared AS p ON p.id = ptv.prepared_id ${isOfSize})`;
}

/** Those of `{"CHANNEL": {"mask_bbox_dict": {"CELL": box}}}`; NULL for a tile without such a key. */
function boxesOf(tables: Tables): Sql {
  if (!tables.get(view)?.has("metadata_tile_json")) return sql`NULL::text`;
  const metadata = sql`ptv.metadata_tile_json::jsonb`;
  const boxes = sql`c.value -> 'mask_bbox_dict'`;
  const channels = sql`jsonb_each(CASE jsonb_typeof(${metadata}) WHEN 'object' THEN ${metadata} END) AS c`;
  const annotated = sql`(SELECT jsonb_agg(jsonb_build_object('channel', c.key, 'boxes', ${boxes}))
    FROM ${channels} WHERE ${isAnnotated(boxes)})`;
  const isKnown = sql`EXISTS (SELECT FROM ${channels} WHERE jsonb_typeof(${boxes}) = 'object')`;
  return sql`CASE WHEN ${isKnown} THEN
    coalesce((SELECT found.boxes FROM (SELECT ${boxesOfFrames(annotated)}) AS found), '{}') END`;
}
