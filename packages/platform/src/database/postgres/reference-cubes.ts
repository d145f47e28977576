import type { Blocks } from "../server/reference-blocks.ts";
import { columnOr, requireColumns, type Tables } from "../server/tables.ts";
import { int, joined, type Sql, sql } from "../sql/fragment.ts";
import { boxesOfFrames, isAnnotated, noBoxes } from "./boxes-of-frames.ts";
import { leastByChannel } from "./by-channel.ts";

const table = "prepared_cubes";

/**
 * The hypercubes that the reference platform's view would have, put together of its cubes, of which
 * each is one frame of one channel: groups of `num_timepoints` frames, of any number of channels.
 *
 * A group that lacks a frame of a channel has no statistics: which is missing cannot be told. The
 * platform's older tables have percentiles in JSON, its newer ones in columns.
 */
export function cubesRelation(
  tables: Tables,
  { num_timepoints, edge }: Blocks,
  place: string,
): Sql {
  const starts = ["x_start", "y_start", "z_start"];
  const columns = ["prepared_id", "tile_name", ...starts, "time", "channel", "occupancy_ratio"];
  requireColumns(tables, { table, columns, place });
  const has = (column: string) => tables.get(table)?.has(column) ?? false;
  const json = ["metadata_json", "pc_metadata_json"].find(has);
  const metadata = json === undefined ? null : ({ parts: ["pc.", json, "::jsonb"] } satisfies Sql);
  const percentile = (value: number) => {
    const column = `cdf_${value}`;
    if (has(column) || metadata === null) {
      return columnOr(tables, { table, column, as: sql`pc`, type: sql`float8` });
    }
    return sql`(${metadata} #>> '{histogram,${int(value)}.0}')::float8`;
  };
  const gathered = [80, 90, 95, 99].map((value) => {
    const name: Sql = { parts: [`cdf_${value}`] };
    return sql`array_agg(${percentile(value)} ORDER BY pc.channel, pc.time) AS ${name}`;
  });
  const least = [80, 90, 95, 99].map((value) => {
    const name: Sql = { parts: [`cdf_${value}`] };
    return sql`CASE WHEN g.is_whole THEN ${leastByChannel(sql`g.${name}`, sql`g.time_size`)} END AS ${name}`;
  });
  const t = int(num_timepoints);
  return sql`(SELECT g.prepared_id, g.tile_name, g.time_start, g.z_start, g.y_start, g.x_start,
  g.time_size, ${int(edge)} AS z_size, ${int(edge)} AS y_size, ${int(edge)} AS x_size,
  CASE WHEN g.is_whole THEN g.occupancy END AS occupancy,
  CASE WHEN g.is_whole THEN ${leastByChannel(sql`g.occupancy`, sql`g.time_size`)} END AS min_occupancy,
  ${joined(least, ", ")}, ${metadata === null ? noBoxes : boxesOfFrames(sql`g.annotated`)}
FROM (
  SELECT pc.prepared_id::text AS prepared_id, pc.tile_name::text AS tile_name,
    (div(pc.time::numeric, ${t}) * ${t})::int4 AS time_start, pc.z_start::int4 AS z_start,
    pc.y_start::int4 AS y_start, pc.x_start::int4 AS x_start,
    count(DISTINCT pc.time)::int4 AS time_size,
    count(*) = count(DISTINCT pc.time) * count(DISTINCT pc.channel)
      AND min(pc.channel) = 0 AND max(pc.channel) + 1 = count(DISTINCT pc.channel) AS is_whole,
    array_agg(pc.occupancy_ratio::float8 ORDER BY pc.channel, pc.time) AS occupancy,
    ${joined(gathered, ", ")}, ${annotated(metadata)} AS annotated
  FROM prepared_cubes AS pc
  GROUP BY pc.prepared_id, pc.tile_name, pc.z_start, pc.y_start, pc.x_start,
    div(pc.time::numeric, ${t})) AS g)`;
}

/** The cubes of a group that have boxes, each with its channel; NULL when none has. */
function annotated(metadata: Sql | null): Sql {
  if (metadata === null) return sql`NULL::jsonb`;
  const boxes = sql`${metadata} -> 'mask_bbox_dict'`;
  return sql`jsonb_agg(jsonb_build_object('channel', pc.channel, 'boxes', ${boxes}))
      FILTER (WHERE ${isAnnotated(boxes)})`;
}
