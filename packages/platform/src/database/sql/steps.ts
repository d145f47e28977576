import type { Percentile } from "../hypercube-query.ts";
import type { Clause } from "./clauses.ts";
import { allOf, joined, type Sql, sql } from "./fragment.ts";
import type { SqlRelations } from "./sql-source.ts";

/** A step of a WITH; each may read those before it. */
export interface Step {
  readonly name: Sql;
  readonly body: Sql;
}

/** Which columns are needed beside the places: what nobody needs is not computed. */
export interface Needed {
  readonly occupancy: boolean;
  readonly cdf: readonly Percentile[];
  readonly boxes: boolean;
  /** Whether rows are whole tiles, and their boxes are needed. */
  readonly tileBoxes: boolean;
}

/** Those of `numbered_tiles`; in Trino its `.*` lacks the column of a USING. */
export const tileColumns = sql`tile_no, roi_no, prepared_id, tile_name, labels_path, channel_size, hpf,
  is_synthetic, exists_clusterfs, exists_prfs, exists_aws, exists_oak, tile_time_size, tile_z_size,
  tile_y_size, tile_x_size`;

export function withSteps(steps: readonly Step[], statement: Sql): Sql {
  const texts = steps.map(({ name, body }) => sql`${name} AS (${body})`);
  return sql`WITH ${joined(texts, ",\n")}
${statement}`;
}

export function conditions(clauses: readonly Clause[]): Sql {
  return allOf(clauses.map(({ condition }) => condition));
}

/** `numbered_tiles`: those that pass, numbered in the order of the catalogue, from 0. */
export function tileSteps(
  { dialect, tiles }: SqlRelations,
  clauses: readonly Clause[],
  { tileBoxes }: Needed,
): Step[] {
  const roi = dialect.inByteOrder(sql`prepared_id`);
  const name = dialect.inByteOrder(sql`tile_name`);
  const body = sql`SELECT prepared_id, tile_name, labels_path, channel_size, hpf, is_synthetic,
  exists_clusterfs, exists_prfs, exists_aws, exists_oak, time_size AS tile_time_size,
  z_size AS tile_z_size, y_size AS tile_y_size, x_size AS tile_x_size,
  row_number() OVER (ORDER BY ${roi}, ${name}) - 1 AS tile_no,
  dense_rank() OVER (ORDER BY ${roi}) AS roi_no${tileBoxes ? sql`, boxes AS tile_boxes` : sql``}
FROM ${tiles} AS every_tile WHERE ${conditions(clauses)}`;
  return [{ name: sql`numbered_tiles`, body }];
}

/** `blocks`: the rows as they are stored, of those tiles, cut at the end of their tile. */
export function blockSteps({ hypercubes }: SqlRelations): Step[] {
  const body = sql`SELECT t.*, h.time_start, h.z_start, h.y_start, h.x_start, h.time_size AS num_frames,
  least(h.time_size, t.tile_time_size - h.time_start) AS time_size,
  least(h.z_size, t.tile_z_size - h.z_start) AS z_size,
  least(h.y_size, t.tile_y_size - h.y_start) AS y_size,
  least(h.x_size, t.tile_x_size - h.x_start) AS x_size,
  h.min_occupancy, h.occupancy, h.cdf_80, h.cdf_90, h.cdf_95, h.cdf_99, h.boxes, h.has_boxes
FROM ${hypercubes} AS h JOIN numbered_tiles AS t
  ON h.prepared_id = t.prepared_id AND h.tile_name = t.tile_name`;
  return [{ name: sql`blocks`, body }];
}

/** Some of a block lies in its tile. */
export const isInTile = sql`time_start >= 0 AND z_start >= 0 AND y_start >= 0 AND x_start >= 0
  AND time_size > 0 AND z_size > 0 AND y_size > 0 AND x_size > 0`;
