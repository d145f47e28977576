import type { Dialect } from "../sql/dialect.ts";
import { type BoundType, int, sql } from "../sql/fragment.ts";

const types: Readonly<Record<BoundType, string>> = {
  text: "text",
  number: "float8",
  integer: "int8",
  flag: "bool",
  texts: "text[]",
  numbers: "float8[]",
};

export const postgresDialect: Dialect = {
  kind: "postgres",
  parameterMarker: (number, type) => `$${number}::${types[type]}`,
  isOneOf: (value, list) => sql`${value} = ANY (${list})`,
  finite: (value) => sql`nullif(${value}, 'NaN'::float8)`,
  element: (array, place) => sql`nullif((${array})[${int(place)}], 'NaN'::float8)`,
  least: (
    array,
  ) => sql`(SELECT CASE WHEN count(*) = count(nullif(one.value, 'NaN'::float8)) THEN min(one.value) END
    FROM unnest(${array}) AS one(value))`,
  unnest: (array, { table, value, place }) =>
    sql`unnest(${array}) WITH ORDINALITY AS ${table}(${value}, ${place})`,
  gather: (value, by) => sql`array_agg(${value} ORDER BY ${by})`,
  gatherTexts: (text, by) => sql`string_agg(${text}, ',' ORDER BY ${by})`,
  unnestBoxes: (json, table) => sql`LATERAL (
    SELECT c.key::int8 AS channel, b.key::int8 AS cell,
      (b.value ->> 0)::numeric::int8 AS z0, (b.value ->> 1)::numeric::int8 AS y0,
      (b.value ->> 2)::numeric::int8 AS x0, (b.value ->> 3)::numeric::int8 AS z1,
      (b.value ->> 4)::numeric::int8 AS y1, (b.value ->> 5)::numeric::int8 AS x1
    FROM jsonb_each((${json})::jsonb) AS c, jsonb_each(c.value) AS b) AS ${table}`,
  inByteOrder: (text) => sql`${text} COLLATE "C"`,
};
