import { type Sql, sql } from "../sql/fragment.ts";

/** Whether there is a cell in a JSON text `{"CHANNEL": {"CELL": BOX}}`; NULL when there is no text. */
export function hasBoxes(boxes: Sql): Sql {
  const json = sql`CAST(${boxes} AS JSON)`;
  const counts = sql`list_transform(json_keys(${json}), lambda channel:
  len(json_keys(json_extract(${json}, '$."' || channel || '"'))))`;
  return sql`CASE WHEN ${boxes} IS NOT NULL THEN coalesce(list_sum(${counts}), 0) > 0 END`;
}
