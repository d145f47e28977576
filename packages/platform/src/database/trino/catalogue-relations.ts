import { percentiles } from "../hypercube-query.ts";
import { requireColumns, type Tables } from "../server/tables.ts";
import { int, joined, sql } from "../sql/fragment.ts";
import { storageFlags } from "../sql/storage-flags.ts";
import { axes, columnsOf, raw } from "./columns-of.ts";
import { least as leastOf } from "./trino-dialect.ts";

/** A catalogue's own tables, `tiles` and `hypercubes`, copied to where Trino reads them. */
export function catalogueRelations(tables: Tables, place: string) {
  const ofTile = [
    ...["prepared_id", "tile_name", "server_folder", "output_folder", "array_path", "axes"],
    ...["dtype", ...axes.map((axis) => `${axis}_size`), "channel_size", "is_synthetic"],
  ];
  requireColumns(tables, { table: "tiles", columns: ofTile, place });
  const sizes = axes.flatMap((axis) => [`${axis}_start`, `${axis}_size`]);
  const ofCube = ["prepared_id", "tile_name", ...sizes, "occupancy_ratios"];
  requireColumns(tables, { table: "hypercubes", columns: ofCube, place });
  const tile = columnsOf(tables, "tiles");
  const cube = columnsOf(tables, "hypercubes");
  const thresholds = tables.get("tiles")?.has("occupancy_thresholds")
    ? sql`json_format(CAST(t.occupancy_thresholds AS JSON))`
    : sql`CAST(NULL AS VARCHAR)`;
  const boxes = cube("mask_bbox_dict", "VARCHAR");
  const hasCells = sql`any_match(map_values(CAST(json_parse(${boxes}) AS MAP(VARCHAR, MAP(VARCHAR, JSON)))),
  cells -> cardinality(cells) > 0)`;
  const least = sql`transform(t.occupancy_ratios, frames -> ${leastOf(sql`frames`)})`;
  return {
    tiles: sql`(SELECT ${joined(
      [
        ...["prepared_id", "tile_name", "server_folder", "output_folder", "array_path"],
        ...["axes", "dtype", "labels_path", "tracks_path", "source"],
      ].map((name) => sql`${tile(name, "VARCHAR")} AS ${raw(name)}`),
      ", ",
    )}, ${joined(
      [...axes, "channel"].map((axis) => {
        const name = `${axis}_size`;
        return sql`${tile(name, "INTEGER")} AS ${raw(name)}`;
      }),
      ", ",
    )}, ${joined(
      ["z_um", "y_um", "x_um", "frame_interval_s", "hpf"].map(
        (name) => sql`${tile(name, "DOUBLE")} AS ${raw(name)}`,
      ),
      ", ",
    )}, ${joined(
      storageFlags.map(
        ([column, name]) => sql`coalesce(${tile(column, "BOOLEAN")}, TRUE) AS ${raw(name)}`,
      ),
      ", ",
    )}, coalesce(${tile("is_synthetic", "BOOLEAN")}, FALSE) AS is_synthetic, ${thresholds} AS occupancy_thresholds,
CAST(NULL AS VARCHAR) AS boxes
FROM tiles AS t)`,
    hypercubes: sql`(SELECT ${cube("prepared_id", "VARCHAR")} AS prepared_id,
${cube("tile_name", "VARCHAR")} AS tile_name, ${joined(
      sizes.map((name) => sql`${cube(name, "INTEGER")} AS ${raw(name)}`),
      ", ",
    )}, flatten(t.occupancy_ratios) AS occupancy,
coalesce(${cube("min_occupancy", "ARRAY(DOUBLE)")}, ${least}) AS min_occupancy, ${joined(
      percentiles.map((p) => sql`${cube(`cdf_${p}`, "ARRAY(DOUBLE)")} AS cdf_${int(p)}`),
      ", ",
    )}, ${boxes} AS boxes, ${hasCells} AS has_boxes
FROM hypercubes AS t)`,
  };
}
