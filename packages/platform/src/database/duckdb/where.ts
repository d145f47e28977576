import type { ChannelFilter, HypercubeQuery } from "../hypercube-query.ts";

/** A value that is bound to a parameter; it never becomes part of the text. */
export type BoundValue = string | number | boolean | readonly string[] | readonly number[];

/** A condition, with a `$name` for each value. */
export interface Clause {
  /** The key of the query that asked for it. */
  readonly name: string;
  readonly sql: string;
  readonly values: Readonly<Record<string, BoundValue>>;
}

/** The conditions of a query, in the order in which they are applied; every text is one of ours. */
export function clausesOf(query: HypercubeQuery): Clause[] {
  const clauses: Clause[] = [];
  const add = (name: keyof HypercubeQuery, sql: string, values: Clause["values"] = {}) =>
    clauses.push({ name, sql, values });
  const oneOf = (
    name: keyof HypercubeQuery,
    column: string,
    type: "VARCHAR" | "DOUBLE",
    list: BoundValue | null | undefined,
  ) => {
    if (list !== null && list !== undefined)
      add(name, `list_contains($${name}::${type}[], ${column})`, { [name]: list });
  };
  if (query.cube_shape) {
    const [t, z, y, x] = query.cube_shape;
    const sizes =
      "time_size = $cube_t AND z_size = $cube_z AND y_size = $cube_y AND x_size = $cube_x";
    add("cube_shape", sizes, { cube_t: t, cube_z: z, cube_y: y, cube_x: x });
  }
  const { num_channels, min_channels } = query;
  if (num_channels) add("num_channels", "channel_size = $num_channels", { num_channels });
  if (min_channels) add("min_channels", "channel_size >= $min_channels", { min_channels });
  oneOf("roi_list", "prepared_id", "VARCHAR", query.roi_list);
  oneOf("tile_list", "tile_name", "VARCHAR", query.tile_list);
  oneOf("timepoint_list", "time_start", "DOUBLE", query.timepoint_list);
  oneOf("hpf_list", "hpf", "DOUBLE", query.hpf_list);
  if (query.synthetic_only !== null && query.synthetic_only !== undefined) {
    add("synthetic_only", "is_synthetic = $synthetic", { synthetic: query.synthetic_only });
  }
  if (query.has_annotations) add("has_annotations", "labels_path IS NOT NULL");
  if (query.occupancy_threshold !== null && query.occupancy_threshold !== undefined) {
    const least = "$occupancy_threshold <= ";
    add(
      "occupancy_threshold",
      byChannel(query.occupancy_threshold_filter_type ?? "min_ch0", {
        one: (channel) => `coalesce(${least} list_min(occupancy_ratios[${channel}]), FALSE)`,
        all: `${least} list_min(flatten(occupancy_ratios))`,
      }),
      { occupancy_threshold: query.occupancy_threshold },
    );
  }
  if (query.cdf_threshold !== null && query.cdf_threshold !== undefined) {
    const column = cdfColumns[query.cdf_target ?? 90];
    add(
      "cdf_threshold",
      byChannel(query.cdf_threshold_filter_type ?? "min_ch0", {
        one: (channel) => `coalesce($cdf_threshold <= ${column}[${channel}], FALSE)`,
        all: `$cdf_threshold <= list_min(${column})`,
      }),
      { cdf_threshold: query.cdf_threshold },
    );
  }
  return clauses;
}

const cdfColumns = { 80: "cdf_80", 90: "cdf_90", 95: "cdf_95", 99: "cdf_99" } as const;

interface ByChannel {
  readonly one: (channel: 1 | 2) => string;
  readonly all: string;
}

/** Lists of DuckDB count from 1. */
function byChannel(filter: ChannelFilter, { one, all }: ByChannel): string {
  if (filter === "min_all") return all;
  return filter === "min_ch0" ? one(1) : one(2);
}

/** The rows of a query: its clauses, then the first so many ROIs, tiles and rows. */
export function selectSql(query: HypercubeQuery, clauses: readonly Clause[], columns: string) {
  const values: Record<string, BoundValue> = Object.assign({}, ...clauses.map((c) => c.values));
  const where = clauses.length === 0 ? "TRUE" : clauses.map(({ sql }) => `(${sql})`).join(" AND ");
  const parts = [`kept AS (SELECT * FROM hypercube_view WHERE ${where})`];
  let from = "kept";
  if (query.max_rois) {
    values.max_rois = query.max_rois;
    parts.push(
      `some_rois AS (SELECT * FROM ${from} WHERE prepared_id IN
        (SELECT DISTINCT prepared_id FROM ${from} ORDER BY prepared_id LIMIT $max_rois))`,
    );
    from = "some_rois";
  }
  if (query.max_tiles) {
    values.max_tiles = query.max_tiles;
    parts.push(
      `some_tiles AS (SELECT * FROM ${from} WHERE (prepared_id, tile_name) IN
        (SELECT DISTINCT (prepared_id, tile_name) AS tile FROM ${from} ORDER BY tile LIMIT $max_tiles))`,
    );
    from = "some_tiles";
  }
  const order = "prepared_id, tile_name, z_start, y_start, x_start, time_start";
  let limit = "";
  if (query.max_hypercubes) {
    values.max_hypercubes = query.max_hypercubes;
    limit = "LIMIT $max_hypercubes";
  }
  const sql = `WITH ${parts.join(",\n")} SELECT ${columns} FROM (SELECT * FROM ${from} ORDER BY ${order} ${limit})`;
  return { sql: `${sql} ORDER BY ${order}`, unordered: sql, values };
}
