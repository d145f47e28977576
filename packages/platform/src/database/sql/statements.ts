import type { HypercubeOptions } from "../hypercube-batch.ts";
import { type HypercubeQuery, percentiles } from "../hypercube-query.ts";
import { tileClauses } from "./clauses.ts";
import type { Dialect } from "./dialect.ts";
import { compiled, int, joined, type Sql, sql } from "./fragment.ts";
import { limitedSteps, limitOf, neededBy } from "./row-steps.ts";
import type { ColumnType, ColumnTypes, Statement } from "./sql-reader.ts";
import type { SqlRelations } from "./sql-source.ts";
import { conditions, withSteps } from "./steps.ts";

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
  return { ...compiled(text, dialect.parameterMarker), types: tileTypes };
}

/** The rows of a query: their places, then the columns of `options`; tiles have no statistics. */
export function hypercubesStatement(
  source: SqlRelations,
  query: HypercubeQuery,
  options: HypercubeOptions,
): Statement {
  const { dialect } = source;
  const { boxes = false } = options;
  const channels = query.with_hypercubes_dataframe === false ? 0 : (options.channels ?? 0);
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
  const isGrouped = needed.tileBoxes || (query.base_cube_shape ?? null) !== null;
  return { ...compiled(text, dialect.parameterMarker), types, isGrouped };
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
  return { ...compiled(text, source.dialect.parameterMarker), types: shapeTypes };
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

/** Sizes come last, and only where several may begin at one place. */
function orderOf({ cube_shape }: HypercubeQuery): Sql {
  const place = sql`tile_no, z_start, y_start, x_start, time_start`;
  return cube_shape ? place : sql`${place}, time_size, z_size, y_size, x_size`;
}
