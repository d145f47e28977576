import type { Dialect } from "./dialect.ts";
import { type Sql, sql } from "./fragment.ts";
import type { Step } from "./steps.ts";

/**
 * `cube_boxes`, JSON as in {@link Dialect.unnestBoxes}, by `key`: of `cell_boxes`, which has a row
 * (key, channel, cell, z0, y0, x0, z1, y1, x1) for each cell. Who has no cell has no row.
 */
export function gatheredBoxes(key: Sql, dialect: Dialect): Step[] {
  const text = (number: Sql) => sql`CAST(${number} AS VARCHAR)`;
  const corners = [sql`z0`, sql`y0`, sql`x0`, sql`z1`, sql`y1`, sql`x1`].map(text);
  const list = corners.reduce((all, corner) => sql`${all} || ',' || ${corner}`);
  const cell = sql`'"' || ${text(sql`cell`)} || '":[' || ${list} || ']'`;
  const channel = sql`'"' || ${text(sql`channel`)} || '":{' || cells || '}'`;
  return [
    {
      name: sql`channel_boxes`,
      body: sql`SELECT ${key}, channel, ${dialect.gatherTexts(cell, sql`cell`)} AS cells
FROM cell_boxes GROUP BY ${key}, channel`,
    },
    {
      name: sql`cube_boxes`,
      body: sql`SELECT ${key}, '{' || ${dialect.gatherTexts(channel, sql`channel`)} || '}' AS boxes
FROM channel_boxes GROUP BY ${key}`,
    },
  ];
}
