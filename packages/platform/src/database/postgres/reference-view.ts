import type { Blocks } from "../server/reference-blocks.ts";
import type { Tables } from "../server/tables.ts";
import { int, joined, type Sql, sql } from "../sql/fragment.ts";
import { leastByChannel } from "./by-channel.ts";

/** The rows of the reference platform's views, which are alike but for their number of channels. */
export function viewRelation(tables: Tables, views: readonly string[], blocks: Blocks): Sql {
  const selects = views.map((name) => rowsOf(name, tables.get(name) ?? new Set(), blocks));
  const [first = sql``, ...rest] = selects;
  return sql`(${rest.reduce((all, one) => sql`${all} UNION ALL ${one}`, first)})`;
}

function rowsOf(name: string, columns: ReadonlySet<string>, { edge }: Blocks): Sql {
  const numChannels = Number(/([0-9]+)_hypercube_view$/.exec(name)?.[1] ?? 0);
  const channels = Array.from({ length: numChannels }, (_, channel) => channel);
  const ratios = channels.map((channel) => `occupancy_ratios_ch_${channel}`);
  // A group of frames that the movie's end cut short has them in the wrong half, in the right order.
  const occupancy = ratios.every((column) => columns.has(column))
    ? sql`(${concatenated(ratios.map((column) => ({ parts: ["v.", column] })))})::float8[]`
    : sql`NULL::float8[]`;
  const metadata = columns.has("pc_metadata_json") ? sql`v.pc_metadata_json::jsonb` : null;
  return sql`SELECT v.prepared_id::text AS prepared_id, v.tile_name::text AS tile_name,
  v.time_start::int4 AS time_start, v.z_start::int4 AS z_start, v.y_start::int4 AS y_start,
  v.x_start::int4 AS x_start, v.time_size::int4 AS time_size, ${int(edge)} AS z_size,
  ${int(edge)} AS y_size, ${int(edge)} AS x_size, ${occupancy} AS occupancy,
  ${leastByChannel(occupancy, sql`v.time_size::int4`)} AS min_occupancy,
  ${percentilesOf(metadata, channels)}, ${boxesOf(metadata)}
FROM ${{ parts: [`"${name}"`] }} AS v`;
}

/** @param metadata - `{"CHANNEL": {"histogram": {"90.0": counts}}}`, or null when there is none. */
function percentilesOf(metadata: Sql | null, channels: readonly number[]): Sql {
  const columns = [80, 90, 95, 99].map((percentile) => {
    const ofChannel = (channel: number) =>
      sql`(${metadata ?? sql``} #>> '{${int(channel)},histogram,${int(percentile)}.0}')::float8`;
    const values = joined(channels.map(ofChannel), ", ");
    const value = metadata === null ? sql`NULL::float8[]` : sql`ARRAY[${values}]`;
    return sql`${value} AS cdf_${int(percentile)}`;
  });
  return joined(columns, ", ");
}

/**
 * The boxes of cells: `mask_bbox_dict` of each channel.
 *
 * @param metadata - `{"CHANNEL": {"mask_bbox_dict": {"CELL": box}}}`, or null when there is none.
 */
function boxesOf(metadata: Sql | null): Sql {
  if (metadata === null) return sql`NULL::text AS boxes, NULL::bool AS has_boxes`;
  const boxes = sql`c.value -> 'mask_bbox_dict'`;
  const channels = sql`jsonb_each(CASE jsonb_typeof(${metadata}) WHEN 'object' THEN ${metadata} END) AS c`;
  return sql`(SELECT jsonb_object_agg(c.key, (
    SELECT jsonb_object_agg(b.key, ${cornersOf(sql`b.value`)}) FROM jsonb_each(${boxes}) AS b))::text
  FROM ${channels} WHERE ${isAnnotated(boxes)}) AS boxes,
  EXISTS (SELECT FROM ${channels} WHERE ${isAnnotated(boxes)}) AS has_boxes`;
}

/** Whether a `mask_bbox_dict` has boxes. */
export const isAnnotated = (boxes: Sql): Sql =>
  sql`jsonb_typeof(${boxes}) = 'object' AND ${boxes} <> '{}'::jsonb`;

/** A box as the list of its six corners; the database may have them by name. */
export function cornersOf(box: Sql): Sql {
  const names = ["zmin", "ymin", "xmin", "zmax", "ymax", "xmax"];
  const corners = joined(
    names.map((name) => sql`${box} -> ${{ parts: [`'${name}'`] }}`),
    ", ",
  );
  return sql`CASE jsonb_typeof(${box}) WHEN 'object' THEN jsonb_build_array(${corners}) ELSE ${box} END`;
}

function concatenated(arrays: readonly Sql[]): Sql {
  return arrays.reduce((all, one) => sql`${all} || ${one}`);
}
