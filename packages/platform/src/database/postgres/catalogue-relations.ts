import { placeColumns } from "../hypercube-place.ts";
import { columnOr, requireColumns, type Tables } from "../server/tables.ts";
import { joined, type Sql, sql } from "../sql/fragment.ts";
import { storageFlags } from "../sql/storage-flags.ts";
import { leastByChannel } from "./by-channel.ts";

const tileColumns = [
  ["prepared_id", "text"],
  ["tile_name", "text"],
  ["server_folder", "text"],
  ["output_folder", "text"],
  ["array_path", "text"],
  ["axes", "text"],
  ["dtype", "text"],
  ["time_size", "int4"],
  ["z_size", "int4"],
  ["y_size", "int4"],
  ["x_size", "int4"],
  ["channel_size", "int4"],
  ["is_synthetic", "bool"],
] as const;

const optionalTileColumns = [
  ["labels_path", "text"],
  ["tracks_path", "text"],
  ["source", "text"],
  ["z_um", "float8"],
  ["y_um", "float8"],
  ["x_um", "float8"],
  ["frame_interval_s", "float8"],
  ["hpf", "float8"],
] as const;

/** A catalogue's own tables, `tiles` and `hypercubes`, copied into PostgreSQL under their names. */
export function catalogueRelations(tables: Tables, place: string) {
  const columns = tileColumns.map(([name]) => name);
  requireColumns(tables, { table: "tiles", columns, place });
  const ofCubes = ["prepared_id", "tile_name", ...placeColumns, "occupancy_ratios"];
  requireColumns(tables, { table: "hypercubes", columns: ofCubes, place });
  const tile = [...tileColumns, ...optionalTileColumns].map(([column, type]) => {
    const value = columnOr(tables, { table: "tiles", column, as: sql`t`, type: { parts: [type] } });
    const isFlag = column === "is_synthetic";
    return sql`${isFlag ? sql`coalesce(${value}, FALSE)` : value} AS ${{ parts: [column] }}`;
  });
  const exists = storageFlags.map(([column, name]) => {
    const value = columnOr(tables, { table: "tiles", column, as: sql`t`, type: sql`bool` });
    return sql`coalesce(${value}, TRUE) AS ${{ parts: [name] }}`;
  });
  const thresholds = tables.get("tiles")?.has("occupancy_thresholds")
    ? sql`to_json(t.occupancy_thresholds)::text`
    : sql`NULL::text`;
  const tiles = sql`(SELECT ${joined([...tile, ...exists], ", ")}, ${thresholds} AS occupancy_thresholds,
  NULL::text AS boxes
FROM tiles AS t)`;
  return { tiles, hypercubes: hypercubes(tables) };
}

function hypercubes(tables: Tables): Sql {
  const places = placeColumns.map((name) => ({ parts: [`h.${name}::int4 AS ${name}`] }));
  const list = (column: string) =>
    columnOr(tables, { table: "hypercubes", column, as: sql`h`, type: sql`float8[]` });
  const counts = ["cdf_80", "cdf_90", "cdf_95", "cdf_99"].map(
    (name) => sql`${list(name)} AS ${{ parts: [name] }}`,
  );
  // By channel, then frame; taken apart, the frames of channel 0 come first.
  const ratios = sql`ARRAY(SELECT unnest(${list("occupancy_ratios")}))`;
  const least = leastByChannel(ratios, sql`h.time_size::int4`);
  const known = tables.get("hypercubes")?.has("min_occupancy") ? list("min_occupancy") : null;
  const boxes = columnOr(tables, {
    table: "hypercubes",
    column: "mask_bbox_dict",
    as: sql`h`,
    type: sql`text`,
  });
  const hasCells = sql`EXISTS (SELECT FROM jsonb_each((${boxes})::jsonb) AS c WHERE c.value <> '{}'::jsonb)`;
  return sql`(SELECT h.prepared_id::text AS prepared_id, h.tile_name::text AS tile_name,
  ${joined(places, ", ")}, ${ratios} AS occupancy,
  ${known === null ? least : sql`coalesce(${known}, ${least})`} AS min_occupancy,
  ${joined(counts, ", ")}, ${boxes} AS boxes,
  CASE WHEN ${boxes} IS NOT NULL THEN ${hasCells} END AS has_boxes
FROM hypercubes AS h)`;
}
