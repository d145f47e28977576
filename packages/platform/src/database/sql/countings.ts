import type { HypercubeQuery } from "../hypercube-query.ts";
import { isComplete, isOnGrid } from "./aggregation.ts";
import { cubeClauses, tileClauses } from "./clauses.ts";
import { allOf, compiled, int, joined, type Sql, sql } from "./fragment.ts";
import { limitedSteps, limitOf, neededBy, rowSteps } from "./row-steps.ts";
import type { Statement } from "./sql-reader.ts";
import type { SqlRelations } from "./sql-source.ts";
import { blockSteps, isInTile, type Step, tileSteps, withSteps } from "./steps.ts";
import { tileRowSteps } from "./tile-rows.ts";

/** How many rows each step of a query leaves; the numbers are in the order of `names`. */
export interface Counting {
  readonly names: readonly string[];
  readonly statement: Statement;
}

/** One pass over the blocks, one over the hypercubes put together of them, one for each limit. */
export function countings(source: SqlRelations, query: HypercubeQuery): readonly Counting[] {
  const countings =
    query.with_hypercubes_dataframe === false
      ? [countingOfTiles(source, query)]
      : countingsOfCubes(source, query);
  const { max_rois, max_tiles, max_hypercubes, ...filters } = query;
  const limited: { -readonly [Key in keyof HypercubeQuery]: HypercubeQuery[Key] } = filters;
  for (const [name, limit] of Object.entries({ max_rois, max_tiles, max_hypercubes })) {
    if (limit === null || limit === undefined) continue;
    Object.assign(limited, { [name]: limit });
    const rows = limitedSteps(source, limited, neededBy(limited, {}));
    const from = sql`(SELECT tile_no FROM ${rows.name}${limitOf(limited)}) AS counted`;
    const conditions = [{ name, condition: sql`TRUE` }];
    countings.push(counting(source, { steps: rows.steps, from, conditions }));
  }
  return countings;
}

function countingOfTiles(source: SqlRelations, query: HypercubeQuery): Counting {
  const needed = neededBy(query, {});
  const steps = [...tileSteps(source, [], needed), ...tileRowSteps(source, query, needed)];
  const conditions = [
    { name: "all", condition: sql`TRUE` },
    ...tileClauses(query, source.dialect),
    ...cubeClauses(query, source.dialect),
  ];
  return counting(source, { steps, from: sql`cubes`, conditions });
}

function countingsOfCubes(source: SqlRelations, query: HypercubeQuery): Counting[] {
  const { base_cube_shape: base, cube_shape: cube, incomplete_hypercubes: incomplete } = query;
  const ofCubes = cubeClauses(query, source.dialect);
  const ofBlocks = [
    { name: "all", condition: sql`TRUE` },
    { name: "extent", condition: isInTile },
    ...tileClauses(query, source.dialect),
  ];
  const isPutTogether = base && cube;
  const blocks = isPutTogether
    ? [...ofBlocks, { name: "base_cube_shape", condition: isOnGrid(base) }]
    : [...ofBlocks, ...ofCubes];
  const needed = neededBy(query, {});
  const everyTile = [...tileSteps(source, [], needed), ...blockSteps(source)];
  const counted = counting(source, { steps: everyTile, from: sql`blocks`, conditions: blocks });
  if (!isPutTogether) return [counted];
  const conditions = [
    { name: "aggregate", condition: sql`TRUE` },
    ...(incomplete === "keep" ? [] : [{ name: "complete", condition: isComplete }]),
    ...ofCubes,
  ];
  const steps = rowSteps(source, query, needed);
  return [counted, counting(source, { steps, from: sql`cubes`, conditions })];
}

interface Counted {
  readonly steps: readonly Step[];
  readonly from: Sql;
  readonly conditions: readonly { readonly name: string; readonly condition: Sql }[];
}

/** Counts the rows that pass the first condition, the first two, and so on, in one pass. */
function counting({ dialect }: SqlRelations, { steps, from, conditions: all }: Counted): Counting {
  const counts = all.map((_, i) => {
    const passed = allOf(all.slice(0, i + 1).map(({ condition }) => condition));
    return sql`count(*) FILTER (WHERE ${passed}) AS step_${int(i)}`;
  });
  const text = withSteps(steps, sql`SELECT ${joined(counts, ",\n")} FROM ${from}`);
  const types = Object.fromEntries(all.map((_, i) => [`step_${i}`, "number"] as const));
  const names = all.map(({ name }) => name);
  return {
    names,
    statement: { ...compiled(text, dialect.parameterMarker), types, isGrouped: true },
  };
}
