import type { HypercubeOptions } from "../hypercube-batch.ts";
import { type HypercubeQuery, percentiles } from "../hypercube-query.ts";
import { isComplete, isOnGrid } from "./aggregation.ts";
import { cubeClauses, tileClauses } from "./clauses.ts";
import type { Dialect } from "./dialect.ts";
import { allOf, bind, compiled, int, joined, type Sql, sql } from "./fragment.ts";
import type { ColumnType, ColumnTypes, Statement } from "./sql-reader.ts";
import type { SqlRelations } from "./sql-source.ts";
import {
  blockSteps,
  conditions,
  cubeSteps,
  isInTile,
  type Needed,
  type Step,
  tileSteps,
  withSteps,
} from "./steps.ts";

/** Columns of a tile; `is_synthetic` is 0 or 1. */
export const tileTypes = {
  prepared_id: "text",
  tile_name: "text",
  server_folder: "text",
  output_folder: "text",
  array_path: "text",
  axes: "text",
  labels_path: "text",
  tracks_path: "text",
  time_size: "integer",
  z_size: "integer",
  y_size: "integer",
  x_size: "integer",
  channel_size: "integer",
  dtype: "text",
  z_um: "number",
  y_um: "number",
  x_um: "number",
  frame_interval_s: "number",
  hpf: "number",
  is_synthetic: "integer",
  source: "text",
  occupancy_thresholds: "text",
} as const satisfies ColumnTypes;

/** What a row is: the number of its tile, and its place in it. */
export const placeTypes = {
  tile_no: "integer",
  time_start: "integer",
  z_start: "integer",
  y_start: "integer",
  x_start: "integer",
  time_size: "integer",
  z_size: "integer",
  y_size: "integer",
  x_size: "integer",
} as const satisfies ColumnTypes;

/** The tiles that a query's rows may be of, in the order that numbers them; {} for all. */
export function tilesStatement(source: SqlRelations, query: HypercubeQuery): Statement {
  const { dialect, tiles } = source;
  const columns = Object.entries(tileTypes).map(([name, type]) => typed({ parts: [name] }, type));
  const order = [sql`prepared_id`, sql`tile_name`].map(dialect.inByteOrder);
  const text = sql`SELECT ${joined(columns, ", ")} FROM ${tiles} AS every_tile
WHERE ${conditions(tileClauses(query, dialect))} ORDER BY ${joined(order, ", ")}`;
  return { ...compiled(text, dialect.placeholder), types: tileTypes };
}

/** The rows of a query: their places, then the columns of `options`. */
export function hypercubesStatement(
  source: SqlRelations,
  query: HypercubeQuery,
  { channels = 0, boxes = false }: HypercubeOptions,
): Statement {
  const { dialect } = source;
  const statistics = statisticsOf(channels, dialect);
  const columns = [
    ...Object.entries(placeTypes).map(([name, type]) => typed({ parts: [name] }, type)),
    ...statistics.map(({ name, value }) => sql`${typed(value, "number")} AS ${{ parts: [name] }}`),
    ...(boxes ? [sql`boxes`] : []),
  ];
  const needed = neededBy(query, { channels, boxes });
  const rows = limitedSteps(source, query, needed);
  const text = withSteps(
    rows.steps,
    sql`SELECT ${joined(columns, ", ")} FROM ${rows.name} ORDER BY ${orderOf(query)}${limitOf(query)}`,
  );
  const types = {
    ...placeTypes,
    ...Object.fromEntries(statistics.map(({ name }) => [name, "number"] as const)),
    ...(boxes ? { boxes: "text" as const } : {}),
  };
  return { ...compiled(text, dialect.placeholder), types };
}

/** How many rows each step of a query leaves; the numbers are in the order of `names`. */
export interface Counting {
  readonly names: readonly string[];
  readonly statement: Statement;
}

/** One pass over the blocks, one over the hypercubes put together of them, one for each limit. */
export function countings(source: SqlRelations, query: HypercubeQuery): readonly Counting[] {
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
  const everyTile = [...tileSteps(source, []), ...blockSteps(source)];
  const countings = [counting(source, { steps: everyTile, from: sql`blocks`, conditions: blocks })];
  if (isPutTogether) {
    const conditions = [
      { name: "aggregate", condition: sql`TRUE` },
      ...(incomplete === "keep" ? [] : [{ name: "complete", condition: isComplete }]),
      ...ofCubes,
    ];
    const steps = rowSteps(source, query, neededBy(query, {}));
    countings.push(counting(source, { steps, from: sql`cubes`, conditions }));
  }
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

const shapeTypes = {
  time_size: "integer",
  z_size: "integer",
  y_size: "integer",
  x_size: "integer",
  num_cubes: "number",
} as const satisfies ColumnTypes;

/** The shapes of the hypercubes as they are stored, and how many there are of each. */
export function shapesStatement(source: SqlRelations): Statement {
  const sizes = sql`time_size, z_size, y_size, x_size`;
  const casts = Object.keys(shapeTypes)
    .slice(0, 4)
    .map((name) => typed({ parts: [name] }, "integer"));
  const text = sql`SELECT ${joined(casts, ", ")}, count(*) AS num_cubes
FROM ${source.hypercubes} AS h GROUP BY ${sizes} ORDER BY ${sizes}`;
  return { ...compiled(text, source.dialect.placeholder), types: shapeTypes };
}

/** Whole numbers are INTEGER, whatever the database computed them as. */
function typed(value: Sql, type: ColumnType): Sql {
  return type === "integer" ? sql`CAST(${value} AS INTEGER)` : value;
}

interface Statistic {
  readonly name: string;
  readonly value: Sql;
}

function statisticsOf(channels: number, { element }: Dialect): readonly Statistic[] {
  return Array.from({ length: channels }, (_, channel) => [
    {
      name: `min_occupancy_ratios_ch_${channel}`,
      value: element(sql`min_occupancy`, channel + 1),
    },
    ...percentiles.map((percentile) => ({
      name: `cdf_${percentile}_ch_${channel}`,
      value: element(sql`cdf_${int(percentile)}`, channel + 1),
    })),
  ]).flat();
}

function neededBy(
  query: HypercubeQuery,
  { channels = 0, boxes = false }: HypercubeOptions,
): Needed {
  const isGiven = (value: number | null | undefined) => value !== null && value !== undefined;
  const { occupancy_threshold, cdf_threshold, cdf_target = 90 } = query;
  const cdf = channels > 0 ? percentiles : isGiven(cdf_threshold) ? [cdf_target] : [];
  return { occupancy: channels > 0 || isGiven(occupancy_threshold), cdf, boxes };
}

function rowSteps(source: SqlRelations, query: HypercubeQuery, needed: Needed): readonly Step[] {
  const tiles = tileSteps(source, tileClauses(query, source.dialect));
  return [...tiles, ...blockSteps(source), ...cubeSteps(source, query, needed)];
}

/** All steps up to the limits, but for `max_hypercubes`, which needs the order; and the last's name. */
function limitedSteps(source: SqlRelations, query: HypercubeQuery, needed: Needed) {
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

/** Sizes come last, and only where several may begin at one place. */
function orderOf({ cube_shape }: HypercubeQuery): Sql {
  const place = sql`tile_no, z_start, y_start, x_start, time_start`;
  return cube_shape ? place : sql`${place}, time_size, z_size, y_size, x_size`;
}

function limitOf({ max_hypercubes }: HypercubeQuery): Sql {
  const isLimited = max_hypercubes !== null && max_hypercubes !== undefined;
  return isLimited ? sql` LIMIT ${bind(max_hypercubes, "integer")}` : sql``;
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
  return { names, statement: { ...compiled(text, dialect.placeholder), types } };
}
