import type { Blocks } from "../server/reference-blocks.ts";
import type { Tables } from "../server/tables.ts";
import { allOf, int, joined, type Sql, sql } from "../sql/fragment.ts";
import { boxesOfFrames, isAnnotated, noBoxes } from "./boxes-of-frames.ts";
import { leastByChannel } from "./by-channel.ts";

/**
 * The rows of the reference platform's views, which are alike but for their number of channels; with
 * what `cubesRelation` gives of the cubes that a view is made of.
 */
export function viewRelation(tables: Tables, views: readonly string[], blocks: Blocks): Sql {
  const selects = views.map((name) => rowsOf(name, tables.get(name) ?? new Set(), blocks));
  const [first = sql``, ...rest] = selects;
  return sql`(${rest.reduce((all, one) => sql`${all} UNION ALL ${one}`, first)})`;
}

function rowsOf(name: string, columns: ReadonlySet<string>, { edge }: Blocks): Sql {
  const numChannels = Number(/([0-9]+)_hypercube_view$/.exec(name)?.[1] ?? 0);
  const ratios = Array.from({ length: numChannels }, (_, c) => `occupancy_ratios_ch_${c}`);
  const occupancy = ratios.every((column) => columns.has(column))
    ? occupancyOf(ratios.map((column) => ({ parts: ["v.", column] })))
    : sql`NULL::float8[]`;
  // Text of JSON: a key comes again for each frame, and jsonb would keep one of them.
  const metadata = columns.has("pc_metadata_json") ? framesOf(sql`v.pc_metadata_json`) : null;
  return sql`SELECT v.prepared_id::text AS prepared_id, v.tile_name::text AS tile_name,
  v.time_start::int4 AS time_start, v.z_start::int4 AS z_start, v.y_start::int4 AS y_start,
  v.x_start::int4 AS x_start, v.time_size::int4 AS time_size, ${int(edge)} AS z_size,
  ${int(edge)} AS y_size, ${int(edge)} AS x_size, ${occupancy} AS occupancy,
  ${leastByChannel(occupancy, sql`v.time_size::int4`)} AS min_occupancy,
  ${percentilesOf(metadata, numChannels)}, ${boxesOf(metadata)}
FROM ${{ parts: [`"${name}"`] }} AS v`;
}

/**
 * All channels' frames, those of channel 0 first; NULL when one is missing, for which cannot be told.
 * A group of frames that the movie's end cut short has them in the wrong half, in the right order.
 */
function occupancyOf(channels: readonly Sql[]): Sql {
  const all = channels.reduce((one, other) => sql`${one} || ${other}`);
  const isKnown = allOf(channels.map((channel) => sql`${channel} IS NOT NULL`));
  const isWhole = sql`cardinality(${all}) = v.time_size * ${int(channels.length)}`;
  return sql`(CASE WHEN ${isKnown} AND ${isWhole} THEN ${all} END)::float8[]`;
}

/** A row (key, value) for each frame of each channel of `{"CHANNEL": METADATA}`, after FROM. */
const framesOf = (metadata: Sql): Sql =>
  sql`json_each(CASE json_typeof(${metadata}::json) WHEN 'object' THEN ${metadata}::json END)`;

/** @param frames - `{"histogram": {"90.0": counts}}` of each; or null when there are none. */
function percentilesOf(frames: Sql | null, numChannels: number): Sql {
  const columns = [80, 90, 95, 99].map((percentile) => {
    const name = sql`cdf_${int(percentile)}`;
    if (frames === null) return sql`NULL::float8[] AS ${name}`;
    const value = sql`nullif((f.value #>> '{histogram,${int(percentile)}.0}')::float8, 'NaN')`;
    return sql`ARRAY(SELECT CASE WHEN count(f.key) = v.time_size AND count(${value}) = v.time_size
    THEN min(${value}) END
  FROM generate_series(0, ${int(numChannels - 1)}) AS n(channel)
    LEFT JOIN ${frames} AS f ON f.key = n.channel::text
  GROUP BY n.channel ORDER BY n.channel) AS ${name}`;
  });
  return joined(columns, ", ");
}

/** @param frames - `{"mask_bbox_dict": {"CELL": box}}` of each; or null when there are none. */
function boxesOf(frames: Sql | null): Sql {
  if (frames === null) return noBoxes;
  const boxes = sql`f.value::jsonb -> 'mask_bbox_dict'`;
  return boxesOfFrames(sql`(SELECT jsonb_agg(jsonb_build_object('channel', f.key, 'boxes', ${boxes}))
    FROM ${frames} AS f WHERE ${isAnnotated(boxes)})`);
}
