import type { HypercubeOptions } from "../hypercube-batch.ts";
import { type HypercubeQuery, percentiles } from "../hypercube-query.ts";
import { aggregation, isComplete } from "./aggregation.ts";
import { cubeClauses, tileClauses } from "./clauses.ts";
import { bind, type Sql, sql } from "./fragment.ts";
import type { SqlRelations } from "./sql-source.ts";
import { blockSteps, conditions, isInTile, type Needed, type Step, tileSteps } from "./steps.ts";
import { tileRowSteps } from "./tile-rows.ts";

/** What a query's own clauses, and the columns that are to come with its rows, are computed of. */
export function neededBy(
  query: HypercubeQuery,
  { channels = 0, boxes = false }: HypercubeOptions,
): Needed {
  const isGiven = (value: number | null | undefined) => value !== null && value !== undefined;
  const { occupancy_threshold, cdf_threshold, cdf_target = 90, has_annotations } = query;
  const isOfTiles = query.with_hypercubes_dataframe === false;
  const cdf = channels > 0 ? percentiles : isGiven(cdf_threshold) ? [cdf_target] : [];
  return {
    occupancy: channels > 0 || isGiven(occupancy_threshold),
    cdf,
    boxes,
    tileBoxes: isOfTiles && (boxes || has_annotations === true),
  };
}

/** All steps up to `cubes`, the rows before their own clauses. */
export function rowSteps(
  source: SqlRelations,
  query: HypercubeQuery,
  needed: Needed,
): readonly Step[] {
  const tiles = tileSteps(source, tileClauses(query, source.dialect), needed);
  if (query.with_hypercubes_dataframe === false) {
    return [...tiles, ...tileRowSteps(source, query, needed)];
  }
  return [...tiles, ...blockSteps(source), ...cubeSteps(source, query, needed)];
}

/** `cubes`: the hypercubes before their own clauses, put together of blocks where it is asked for. */
function cubeSteps(source: SqlRelations, query: HypercubeQuery, needed: Needed): Step[] {
  const { base_cube_shape: base, cube_shape: cube } = query;
  if (!base || !cube) {
    return [{ name: sql`cubes`, body: sql`SELECT * FROM blocks WHERE ${isInTile}` }];
  }
  return aggregation({ dialect: source.dialect, base, cube, needed });
}

/** All steps up to the limits, but for `max_hypercubes`, which needs the order; and the last's name. */
export function limitedSteps(source: SqlRelations, query: HypercubeQuery, needed: Needed) {
  const { max_rois, max_tiles, base_cube_shape, incomplete_hypercubes } = query;
  const ofCubes = conditions(cubeClauses(query, source.dialect));
  const isWhole = base_cube_shape && incomplete_hypercubes !== "keep" ? isComplete : sql`TRUE`;
  const steps = [...rowSteps(source, query, needed)];
  steps.push({
    name: sql`kept`,
    body: sql`SELECT * FROM cubes WHERE ${isWhole} AND ${ofCubes}`,
  });
  let name = sql`kept`;
  const first = (most: number | null | undefined, number: Sql, next: Sql) => {
    if (most === null || most === undefined) return;
    const rank = sql`${number}_rank`;
    const ranked = sql`SELECT *, dense_rank() OVER (ORDER BY ${number}) AS ${rank} FROM ${name}`;
    const body = sql`SELECT * FROM (${ranked}) AS ranked WHERE ${rank} <= ${bind(most, "integer")}`;
    steps.push({ name: next, body });
    name = next;
  };
  first(max_rois, sql`roi_no`, sql`of_first_rois`);
  first(max_tiles, sql`tile_no`, sql`of_first_tiles`);
  return { steps, name };
}

/** ` LIMIT n`, or nothing. */
export function limitOf({ max_hypercubes }: HypercubeQuery): Sql {
  const isLimited = max_hypercubes !== null && max_hypercubes !== undefined;
  return isLimited ? sql` LIMIT ${bind(max_hypercubes, "integer")}` : sql``;
}
