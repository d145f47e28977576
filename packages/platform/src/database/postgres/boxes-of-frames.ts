import { int, joined, type Sql, sql } from "../sql/fragment.ts";

export const noBoxes = sql`NULL::text AS boxes, NULL::bool AS has_boxes`;

/** Whether a `mask_bbox_dict` has boxes. */
export const isAnnotated = (boxes: Sql): Sql =>
  sql`jsonb_typeof(${boxes}) = 'object' AND ${boxes} <> '{}'::jsonb`;

/**
 * The columns `boxes` and `has_boxes` of a hypercube. A cell's box reaches over all its frames' boxes.
 *
 * @param annotated - JSON list of the frames that have boxes: `{"channel": "0", "boxes":
 *   mask_bbox_dict}`; NULL when none has.
 */
export function boxesOfFrames(annotated: Sql): Sql {
  const corners = [0, 1, 2, 3, 4, 5].map((i) => {
    const corner = sql`(${cornersOf(sql`b.value`)} ->> ${int(i)})::numeric`;
    return i < 3 ? sql`min(${corner})` : sql`max(${corner})`;
  });
  return sql`(SELECT jsonb_object_agg(of_channel.channel, of_channel.cells)::text FROM (
    SELECT cell.channel, jsonb_object_agg(cell.name, cell.box) AS cells FROM (
      SELECT a.value ->> 'channel' AS channel, b.key AS name,
        jsonb_build_array(${joined(corners, ", ")}) AS box
      FROM jsonb_array_elements(${annotated}) AS a, jsonb_each(a.value -> 'boxes') AS b
      GROUP BY 1, 2) AS cell
    GROUP BY cell.channel) AS of_channel) AS boxes, ${annotated} IS NOT NULL AS has_boxes`;
}

/** A box as the list of its six corners; the database may have them by name. */
function cornersOf(box: Sql): Sql {
  const names = ["zmin", "ymin", "xmin", "zmax", "ymax", "xmax"];
  const corners = joined(
    names.map((name) => sql`${box} -> ${{ parts: [`'${name}'`] }}`),
    ", ",
  );
  return sql`CASE jsonb_typeof(${box}) WHEN 'object' THEN jsonb_build_array(${corners}) ELSE ${box} END`;
}
