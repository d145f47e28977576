import { percentiles } from "../hypercube-query.ts";
import type { Blocks } from "../server/reference-blocks.ts";
import { requireColumns, type Tables } from "../server/tables.ts";
import { int, joined, type Sql, sql } from "../sql/fragment.ts";
import { columnsOf } from "./columns-of.ts";
import { leastByChannel } from "./least-by-channel.ts";

/** The hypercubes that the reference platform's view would have, put together of its cubes. */
export function cubesRelation(
  tables: Tables,
  { num_timepoints, edge }: Blocks,
  place: string,
): Sql {
  const table = "prepared_cubes";
  const starts = ["x_start", "y_start", "z_start"];
  const columns = ["prepared_id", "tile_name", ...starts, "time", "channel", "occupancy_ratio"];
  requireColumns(tables, { table, columns, place });
  const column = columnsOf(tables, table);
  const json = ["metadata_json", "pc_metadata_json"].find((name) => tables.get(table)?.has(name));
  const value = (p: number) =>
    tables.get(table)?.has(`cdf_${p}`) || json === undefined
      ? column(`cdf_${p}`, "DOUBLE")
      : sql`CAST(json_extract_scalar(${column(json, "VARCHAR")}, '$["histogram"]["${int(p)}.0"]') AS DOUBLE)`;
  const order = sql`ORDER BY t.channel, t."time"`;
  const gathered = percentiles.map((p) => sql`array_agg(${value(p)} ${order}) AS cdf_${int(p)}`);
  const least = percentiles.map((p) => {
    const name = sql`cdf_${int(p)}`;
    return sql`IF(g.is_whole, ${leastByChannel(sql`g.${name}`, sql`g.time_size`)}) AS ${name}`;
  });
  const dict = json && sql`json_extract(${column(json, "VARCHAR")}, '$["mask_bbox_dict"]')`;
  const hasBoxes = dict
    ? sql`bool_or(coalesce(cardinality(TRY_CAST(${dict} AS MAP(VARCHAR, JSON))), 0) > 0)`
    : sql`CAST(NULL AS BOOLEAN)`;
  const t = int(num_timepoints);
  const group = sql`t."time" / ${t}`;
  return sql`(SELECT g.prepared_id, g.tile_name, g.time_start, g.z_start, g.y_start, g.x_start,
g.time_size, ${int(edge)} AS z_size, ${int(edge)} AS y_size, ${int(edge)} AS x_size,
IF(g.is_whole, g.occupancy) AS occupancy,
IF(g.is_whole, ${leastByChannel(sql`g.occupancy`, sql`g.time_size`)}) AS min_occupancy,
${joined(least, ", ")}, CAST(NULL AS VARCHAR) AS boxes, g.has_boxes
FROM (
SELECT ${column("prepared_id", "VARCHAR")} AS prepared_id,
  ${column("tile_name", "VARCHAR")} AS tile_name, CAST(${group} * ${t} AS INTEGER) AS time_start,
  CAST(t.z_start AS INTEGER) AS z_start, CAST(t.y_start AS INTEGER) AS y_start,
  CAST(t.x_start AS INTEGER) AS x_start, CAST(count(DISTINCT t."time") AS INTEGER) AS time_size,
  count(*) = count(DISTINCT t."time") * count(DISTINCT t.channel)
    AND min(t.channel) = 0 AND max(t.channel) + 1 = count(DISTINCT t.channel) AS is_whole,
  array_agg(CAST(t.occupancy_ratio AS DOUBLE) ${order}) AS occupancy, ${joined(gathered, ", ")},
  ${hasBoxes} AS has_boxes
FROM prepared_cubes AS t
GROUP BY t.prepared_id, t.tile_name, t.z_start, t.y_start, t.x_start, ${group}) AS g)`;
}
