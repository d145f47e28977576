import type { Dialect } from "../sql/dialect.ts";
import { type BoundType, int, sql } from "../sql/fragment.ts";

const typeNames: Readonly<Record<BoundType, string>> = {
  text: "VARCHAR",
  number: "DOUBLE",
  integer: "BIGINT",
  flag: "BOOLEAN",
  texts: "VARCHAR[]",
  numbers: "DOUBLE[]",
};

export const duckDbDialect: Dialect = {
  kind: "duckdb",
  parameterMarker: (number, type) => `$${number}::${typeNames[type]}`,
  isOneOf: (value, list) => sql`list_contains(${list}, ${value})`,
  finite: (value) => sql`nullif(${value}, CAST('NaN' AS DOUBLE))`,
  element: (array, place) => sql`nullif(${array}[${int(place)}], CAST('NaN' AS DOUBLE))`,
  // NaN is the greatest here.
  least: (
    array,
  ) => sql`CASE WHEN list_count(${array}) = len(${array}) AND NOT isnan(list_max(${array}))
  THEN list_min(${array}) END`,
  unnest: (array, { table, value, place }) =>
    sql`unnest(${array}) WITH ORDINALITY AS ${table}(${value}, ${place})`,
  gather: (value, by) => sql`array_agg(${value} ORDER BY ${by})`,
  gatherTexts: (text, by) => sql`string_agg(${text}, ',' ORDER BY ${by})`,
  unnestBoxes: (json, table) => {
    const names = ["zmin", "ymin", "xmin", "zmax", "ymax", "xmax"];
    const corner = (place: number) => {
      const named = { parts: [`'${names[place]}'`] };
      return sql`CAST(coalesce(cell.value->>${int(place)}, cell.value->>${named}) AS BIGINT)`;
    };
    return sql`(SELECT CAST(channel.key AS BIGINT) AS channel, CAST(cell.key AS BIGINT) AS cell,
  ${corner(0)} AS z0, ${corner(1)} AS y0, ${corner(2)} AS x0,
  ${corner(3)} AS z1, ${corner(4)} AS y1, ${corner(5)} AS x1
FROM json_each(${json}) AS channel, json_each(channel.value) AS cell) AS ${table}`;
  },
  inByteOrder: (text) => text, // the default collation compares bytes
};
