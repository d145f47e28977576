import { type Sql, sql } from "../sql/fragment.ts";
import { least as leastOf } from "./trino-dialect.ts";

/** The least value of each channel, of an array that has channel 0's frames first. */
export function leastByChannel(values: Sql, frames: Sql): Sql {
  const slice = sql`slice(${values}, c * ${frames} + 1, ${frames})`;
  return sql`IF(${frames} > 0, transform(sequence(0, cardinality(${values}) / ${frames} - 1),
    c -> ${leastOf(slice)}))`;
}
