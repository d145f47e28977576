import { type Sql, sql } from "../sql/fragment.ts";
import type { SqlSource } from "../sql/sql-source.ts";
import { hasBoxes } from "./boxes-sql.ts";
import { duckDbDialect } from "./duckdb-dialect.ts";

/**
 * The two relations of a catalogue that `CatalogueWriter` made; one of before it had all of today's
 * columns is read as it is.
 *
 * @param columns - of its table `hypercubes`.
 */
export function catalogueRelations(
  columns: ReadonlyMap<string, unknown>,
): Pick<SqlSource, "tiles" | "hypercubes"> {
  const isOfToday = columns.has("min_occupancy");
  const flag = (column: Sql) => (isOfToday ? sql`coalesce(${column}, TRUE)` : sql`TRUE`);
  // Rows that were there before the column was have NULL in it.
  const computed = sql`list_transform(occupancy_ratios, lambda ratios: ${duckDbDialect.least(sql`ratios`)})`;
  const minOccupancy = isOfToday ? sql`coalesce(min_occupancy, ${computed})` : computed;
  const boxes = isOfToday ? sql`mask_bbox_dict` : sql`CAST(NULL AS VARCHAR)`;
  return {
    tiles: sql`(SELECT prepared_id, tile_name, server_folder, output_folder, array_path, axes,
  labels_path, tracks_path, time_size, z_size, y_size, x_size, channel_size, dtype, z_um, y_um, x_um,
  frame_interval_s, hpf, is_synthetic, source,
  CAST(to_json(occupancy_thresholds) AS VARCHAR) AS occupancy_thresholds,
  CAST(NULL AS VARCHAR) AS boxes,
  ${flag(sql`"exists"`)} AS exists_clusterfs, ${flag(sql`exists_prfs`)} AS exists_prfs,
  ${flag(sql`exists_aws`)} AS exists_aws, ${flag(sql`exists_oak`)} AS exists_oak
FROM main.tiles)`,
    hypercubes: sql`(SELECT prepared_id, tile_name, time_start, z_start, y_start, x_start,
  time_size, z_size, y_size, x_size, ${minOccupancy} AS min_occupancy,
  flatten(occupancy_ratios) AS occupancy, cdf_80, cdf_90, cdf_95, cdf_99, ${boxes} AS boxes,
  ${isOfToday ? hasBoxes(boxes) : sql`CAST(NULL AS BOOLEAN)`} AS has_boxes
FROM main.hypercubes)`,
  };
}
