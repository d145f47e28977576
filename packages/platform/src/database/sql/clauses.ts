import type { ChannelFilter, CubeShape4, HypercubeQuery, Location } from "../hypercube-query.ts";
import type { Dialect } from "./dialect.ts";
import { bind, joined, type Sql, sql } from "./fragment.ts";

/** A condition of a query; never NULL. */
export interface Clause {
  /** The key of the query that asked for it. */
  readonly name: keyof HypercubeQuery;
  readonly condition: Sql;
}

type MakeCondition = (query: HypercubeQuery, dialect: Dialect) => Sql | null;
type Table = readonly (readonly [name: keyof HypercubeQuery, make: MakeCondition])[];

/** Conditions on a tile: they hold for all its blocks, and so before blocks are put together. */
export function tileClauses(query: HypercubeQuery, dialect: Dialect): Clause[] {
  return made(ofTile, query, dialect);
}

/** Conditions on a hypercube, put together or not. */
export function cubeClauses(query: HypercubeQuery, dialect: Dialect): Clause[] {
  return made(ofCube, query, dialect);
}

const ofTile: Table = [
  ["num_channels", (q) => given(q.num_channels, (n) => sql`channel_size = ${bind(n, "integer")}`)],
  ["min_channels", (q) => given(q.min_channels, (n) => sql`channel_size >= ${bind(n, "integer")}`)],
  [
    "roi_list",
    (q, { isOneOf }) =>
      given(q.roi_list, (list) => isOneOf(sql`prepared_id`, bind(list, "texts"), "texts")),
  ],
  [
    "tile_list",
    (q, { isOneOf }) =>
      given(q.tile_list, (list) => isOneOf(sql`tile_name`, bind(list, "texts"), "texts")),
  ],
  [
    "hpf_list",
    (q, { isOneOf }) =>
      given(q.hpf_list, (list) => known(isOneOf(sql`hpf`, bind(list, "numbers"), "numbers"))),
  ],
  [
    "synthetic_only",
    (q) => given(q.synthetic_only, (only) => sql`is_synthetic = ${bind(only, "flag")}`),
  ],
  ["location", (q) => given(q.location, (location) => known(locations[location]))],
];

const ofCube: Table = [
  [
    "cube_shape",
    (q) => given(q.cube_shape, (shape) => (areTiles(q) ? hasRoomFor(shape) : ofShape(shape, q))),
  ],
  [
    "timepoint_list",
    (q, { isOneOf }) =>
      given(q.timepoint_list, (list) =>
        areTiles(q) ? hasFrameOf(list) : isOneOf(sql`time_start`, bind(list, "numbers"), "numbers"),
      ),
  ],
  [
    "has_annotations",
    (q) => (q.has_annotations ? sql`coalesce(has_boxes, labels_path IS NOT NULL)` : null),
  ],
  [
    "occupancy_threshold",
    (q, dialect) =>
      given(q.occupancy_threshold, (threshold) =>
        atLeast(sql`min_occupancy`, {
          threshold,
          filter: q.occupancy_threshold_filter_type,
          dialect,
        }),
      ),
  ],
  [
    "cdf_threshold",
    (q, dialect) =>
      given(q.cdf_threshold, (threshold) =>
        atLeast(cdfColumns[q.cdf_target ?? 90], {
          threshold,
          filter: q.cdf_threshold_filter_type,
          dialect,
        }),
      ),
  ],
];

const areTiles = (query: HypercubeQuery) => query.with_hypercubes_dataframe === false;

const cdfColumns = { 80: sql`cdf_80`, 90: sql`cdf_90`, 95: sql`cdf_95`, 99: sql`cdf_99` };

const locations: Readonly<Record<Location, Sql>> = {
  exists: sql`exists_clusterfs`,
  exists_prfs: sql`exists_prfs`,
  exists_aws: sql`exists_aws`,
  exists_oak: sql`exists_oak`,
};

function made(table: Table, query: HypercubeQuery, dialect: Dialect): Clause[] {
  return table.flatMap(([name, make]) => {
    const condition = make(query, dialect);
    return condition === null ? [] : [{ name, condition }];
  });
}

function given<Value>(value: Value | null | undefined, make: (value: Value) => Sql): Sql | null {
  return value === null || value === undefined ? null : make(value);
}

/** What is not known counts as no. */
const known = (condition: Sql): Sql => sql`coalesce(${condition}, FALSE)`;

/** Whether a whole tile has one of these frames: then it has the first of them. */
const hasFrameOf = (frames: readonly number[]): Sql =>
  frames.length === 0 ? sql`FALSE` : sql`time_size > ${bind(Math.min(...frames), "integer")}`;

/** Whether a hypercube of this shape lies somewhere in a whole tile. */
function hasRoomFor([t, z, y, x]: CubeShape4): Sql {
  const fits = (size: Sql, edge: number) => sql`${size} >= ${bind(edge, "integer")}`;
  const axes = [fits(sql`time_size`, t), fits(sql`z_size`, z), fits(sql`y_size`, y)];
  return joined([...axes, fits(sql`x_size`, x)], " AND ");
}

function ofShape([t, z, y, x]: CubeShape4, { edge_hypercubes = "drop" }: HypercubeQuery): Sql {
  const axes = [
    [sql`time_size`, sql`tile_time_size - time_start`, t],
    [sql`z_size`, sql`tile_z_size - z_start`, z],
    [sql`y_size`, sql`tile_y_size - y_start`, y],
    [sql`x_size`, sql`tile_x_size - x_start`, x],
  ] as const;
  const conditions = axes.map(([size, room, wanted]) =>
    edge_hypercubes === "keep"
      ? sql`${size} = least(${bind(wanted, "integer")}, ${room})`
      : sql`${size} = ${bind(wanted, "integer")}`,
  );
  return joined(conditions, " AND ");
}

interface AtLeast {
  readonly threshold: number;
  readonly filter: ChannelFilter | undefined;
  readonly dialect: Dialect;
}

/** Whether one channel's number, or every channel's, reaches a threshold. */
function atLeast(array: Sql, { threshold, filter = "min_ch0", dialect }: AtLeast): Sql {
  const least = {
    min_ch0: () => dialect.element(array, 1),
    min_ch1: () => dialect.element(array, 2),
    min_all: () => dialect.least(array),
  }[filter]();
  return known(sql`${least} >= ${bind(threshold, "number")}`);
}
