import type { HypercubeQuery } from "../hypercube-query.ts";
import { bind, type Sql, sql } from "./fragment.ts";
import { gatheredBoxes } from "./gathered-boxes.ts";
import type { SqlRelations } from "./sql-source.ts";
import { blockSteps, isInTile, type Needed, type Step, tileColumns } from "./steps.ts";

/**
 * `cubes`: a row for each of `numbered_tiles`, which begins with its tile and is as large. Boxes are
 * those that the database has of the tile; where it has none, those of its hypercubes, merged by cell.
 *
 * Source: the reference platform's tile mode (of any number of frames, with boxes of any channel, and
 * merged from hypercubes, which differ).
 */
export function tileRowSteps(source: SqlRelations, query: HypercubeQuery, needed: Needed): Step[] {
  if (!needed.tileBoxes) return [rows(sql``, sql``)];
  const { dialect } = source;
  const isKnown = sql`(tile_boxes IS NOT NULL OR num_known > 0)`;
  const boxes = sql`,
  CASE WHEN ${isKnown} THEN coalesce(boxes, '{}') END AS boxes,
  CASE WHEN ${isKnown} THEN boxes IS NOT NULL ELSE any_has_boxes END AS has_boxes`;
  return [
    ...blockSteps(source),
    {
      name: sql`known_boxes`,
      body: sql`SELECT tile_no, count(boxes) AS num_known, bool_or(has_boxes) AS any_has_boxes
FROM blocks GROUP BY tile_no`,
    },
    {
      name: sql`single_boxes`,
      body: sql`SELECT tile_no, box.channel AS channel, box.cell AS cell,
  box.z0 AS z0, box.y0 AS y0, box.x0 AS x0, box.z1 AS z1, box.y1 AS y1, box.x1 AS x1
FROM numbered_tiles, ${dialect.unnestBoxes(sql`tile_boxes`, sql`box`)}
WHERE ${ofChannel(query)}
UNION ALL SELECT tile_no, box.channel, box.cell, box.z0 + z_start, box.y0 + y_start,
  box.x0 + x_start, box.z1 + z_start, box.y1 + y_start, box.x1 + x_start
FROM blocks, ${dialect.unnestBoxes(sql`boxes`, sql`box`)}
WHERE tile_boxes IS NULL AND ${isInTile} AND ${ofChannel(query)}`,
    },
    {
      name: sql`cell_boxes`,
      body: sql`SELECT tile_no, channel, cell, min(z0) AS z0, min(y0) AS y0, min(x0) AS x0,
  max(z1) AS z1, max(y1) AS y1, max(x1) AS x1
FROM single_boxes GROUP BY tile_no, channel, cell`,
    },
    ...gatheredBoxes(sql`tile_no`, dialect),
    rows(boxes, sql`LEFT JOIN known_boxes USING (tile_no) LEFT JOIN cube_boxes USING (tile_no)`),
  ];
}

/** The reference platform counts channels from the last, where a number is below 0. */
function ofChannel({ mask_channel_idx: channel }: HypercubeQuery): Sql {
  if (channel === null || channel === undefined) return sql`TRUE`;
  const place = bind(channel, "integer");
  return channel < 0 ? sql`box.channel = channel_size + ${place}` : sql`box.channel = ${place}`;
}

function rows(columns: Sql, joins: Sql): Step {
  const body = sql`SELECT ${tileColumns}, 0 AS time_start, 0 AS z_start, 0 AS y_start, 0 AS x_start,
  tile_time_size AS time_size, tile_z_size AS z_size, tile_y_size AS y_size,
  tile_x_size AS x_size${columns}
FROM numbered_tiles ${joins}`;
  return { name: sql`cubes`, body };
}
