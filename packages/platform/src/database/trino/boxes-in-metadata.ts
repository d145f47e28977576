import { joined, type Sql, sql } from "../sql/fragment.ts";
import { raw } from "./columns-of.ts";

/**
 * `{"CHANNEL": {"CELL": [z0, y0, x0, z1, y1, x1]}}` as text, out of `{"CHANNEL": {"mask_bbox_dict":
 * BOXES}}`, of which a box is a list of corners or says them by name. Channels without a cell are left
 * out; NULL where no channel says whether it has some.
 */
export function boxesIn(metadata: Sql): Sql {
  const names = ["zmin", "ymin", "xmin", "zmax", "ymax", "xmax"];
  const corner = (name: string) => raw(`TRY_CAST(b AS MAP(VARCHAR, DOUBLE))['${name}']`);
  const named = sql`IF(TRY_CAST(b AS MAP(VARCHAR, DOUBLE)) IS NOT NULL, ARRAY[${joined(names.map(corner), ", ")}])`;
  const cells = sql`TRY_CAST(json_extract(m, '$["mask_bbox_dict"]') AS MAP(VARCHAR, JSON))`;
  const lists = sql`transform_values(${cells}, (k, b) -> coalesce(TRY_CAST(b AS ARRAY(DOUBLE)), ${named}))`;
  const channels = sql`TRY_CAST(TRY(json_parse(${metadata})) AS MAP(VARCHAR, JSON))`;
  const boxes = sql`map_filter(transform_values(${channels}, (c, m) -> ${lists}), (c, v) -> v IS NOT NULL)`;
  const filled = sql`map_filter(${boxes}, (c, v) -> cardinality(v) > 0)`;
  return sql`IF(cardinality(${boxes}) > 0, json_format(CAST(${filled} AS JSON)))`;
}
