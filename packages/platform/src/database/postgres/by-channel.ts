import { type Sql, sql } from "../sql/fragment.ts";

/**
 * The least value of each channel, of an array that has channel 0's frames first; NULL for a channel
 * of which a frame is not known.
 */
export function leastByChannel(values: Sql, numFrames: Sql): Sql {
  return sql`CASE WHEN ${numFrames} = 1 THEN ${values} WHEN ${numFrames} > 0 THEN (
  SELECT array_agg(channels.least ORDER BY channels.channel) FROM (
    SELECT (u.place - 1) / ${numFrames} AS channel,
      CASE WHEN count(nullif(u.value, 'NaN'::float8)) = count(*) THEN min(u.value) END AS least
    FROM unnest(${values}) WITH ORDINALITY AS u(value, place) GROUP BY 1) AS channels) END`;
}
