import type { Dialect } from "../sql/dialect.ts";
import { int, type Sql, sql } from "../sql/fragment.ts";

const finite = (value: Sql) => sql`IF(NOT is_nan(${value}), ${value})`;

/** The least of an array of doubles; NULL when one of them is NULL or NaN, or there is none. */
export const least = (array: Sql): Sql =>
  sql`array_min(transform(${array}, one -> ${finite(sql`one`)}))`;

export const trinoDialect: Dialect = {
  kind: "trino",
  parameterMarker: () => "?", // LIMIT takes nothing else; values come with their types
  isOneOf: (value, list) => sql`contains(${list}, ${value})`,
  finite,
  element: (array, place) => finite(sql`element_at(${array}, ${int(place)})`),
  least,
  unnest: (array, { table, value, place }) =>
    sql`UNNEST(${array}) WITH ORDINALITY AS ${table}(${value}, ${place})`,
  gather: (value, by) => sql`array_agg(${value} ORDER BY ${by})`,
  gatherTexts: (text, by) => sql`array_join(array_agg(${text} ORDER BY ${by}), ',')`,
  unnestBoxes: (json, table) => {
    const corner = (place: number) => sql`CAST(b[2][${int(place)}] AS BIGINT)`;
    const corners = [1, 2, 3, 4, 5, 6].map(corner).reduce((all, one) => sql`${all}, ${one}`);
    const box = sql`CAST(ROW(CAST(c[1] AS BIGINT), CAST(b[1] AS BIGINT), ${corners}) AS ${boxType})`;
    return sql`UNNEST(flatten(transform(
  map_entries(CAST(json_parse(${json}) AS MAP(VARCHAR, MAP(VARCHAR, ARRAY(DOUBLE))))),
  c -> transform(map_entries(c[2]), b -> ${box})))) AS ${table}(channel, cell, z0, y0, x0, z1, y1, x1)`;
  },
  inByteOrder: (text) => text, // as Trino compares them
};

const boxType: Sql = sql`ROW(channel BIGINT, cell BIGINT,
  z0 BIGINT, y0 BIGINT, x0 BIGINT, z1 BIGINT, y1 BIGINT, x1 BIGINT)`;
