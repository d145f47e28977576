import type { RelationTexts } from "../server/choose-relations.ts";
import { columnOr, requireColumns, type Tables } from "../server/tables.ts";
import { int, joined, type Sql, sql } from "../sql/fragment.ts";
import { least as leastOf } from "./trino-dialect.ts";

const raw = (text: string): Sql => ({ parts: [text] });
const axes = ["time", "z", "y", "x"] as const;
const percentiles = [80, 90, 95, 99] as const;
const flags = [
  ["exists", "exists_clusterfs"],
  ["exists_prfs", "exists_prfs"],
  ["exists_aws", "exists_aws"],
  ["exists_oak", "exists_oak"],
] as const;

/** The relations that PostgreSQL's are, in Trino's words for arrays and JSON. */
export const trinoRelations: RelationTexts = {
  catalogue(tables, place) {
    const ofTile = [
      ...["prepared_id", "tile_name", "server_folder", "output_folder", "array_path", "axes"],
      ...["dtype", ...axes.map((axis) => `${axis}_size`), "channel_size", "is_synthetic"],
    ];
    requireColumns(tables, { table: "tiles", columns: ofTile, place });
    const sizes = axes.flatMap((axis) => [`${axis}_start`, `${axis}_size`]);
    const ofCube = ["prepared_id", "tile_name", ...sizes, "occupancy_ratios"];
    requireColumns(tables, { table: "hypercubes", columns: ofCube, place });
    const tile = columnsOf(tables, "tiles");
    const cube = columnsOf(tables, "hypercubes");
    const thresholds = tables.get("tiles")?.has("occupancy_thresholds")
      ? sql`json_format(CAST(t.occupancy_thresholds AS JSON))`
      : sql`CAST(NULL AS VARCHAR)`;
    const boxes = cube("mask_bbox_dict", "VARCHAR");
    const hasCells = sql`any_match(map_values(CAST(json_parse(${boxes}) AS MAP(VARCHAR, MAP(VARCHAR, JSON)))),
    cells -> cardinality(cells) > 0)`;
    const least = sql`transform(t.occupancy_ratios, frames -> ${leastOf(sql`frames`)})`;
    return {
      tiles: sql`(SELECT ${joined(
        [
          ...["prepared_id", "tile_name", "server_folder", "output_folder", "array_path"],
          ...["axes", "dtype", "labels_path", "tracks_path", "source"],
        ].map((name) => sql`${tile(name, "VARCHAR")} AS ${raw(name)}`),
        ", ",
      )}, ${joined(
        [...axes, "channel"].map((axis) => {
          const name = `${axis}_size`;
          return sql`${tile(name, "INTEGER")} AS ${raw(name)}`;
        }),
        ", ",
      )}, ${joined(
        ["z_um", "y_um", "x_um", "frame_interval_s", "hpf"].map(
          (name) => sql`${tile(name, "DOUBLE")} AS ${raw(name)}`,
        ),
        ", ",
      )}, ${joined(
        flags.map(
          ([column, name]) => sql`coalesce(${tile(column, "BOOLEAN")}, TRUE) AS ${raw(name)}`,
        ),
        ", ",
      )}, coalesce(${tile("is_synthetic", "BOOLEAN")}, FALSE) AS is_synthetic, ${thresholds} AS occupancy_thresholds
FROM tiles AS t)`,
      hypercubes: sql`(SELECT ${cube("prepared_id", "VARCHAR")} AS prepared_id,
  ${cube("tile_name", "VARCHAR")} AS tile_name, ${joined(
    sizes.map((name) => sql`${cube(name, "INTEGER")} AS ${raw(name)}`),
    ", ",
  )}, flatten(t.occupancy_ratios) AS occupancy,
  coalesce(${cube("min_occupancy", "ARRAY(DOUBLE)")}, ${least}) AS min_occupancy, ${joined(
    percentiles.map((p) => sql`${cube(`cdf_${p}`, "ARRAY(DOUBLE)")} AS cdf_${int(p)}`),
    ", ",
  )}, ${boxes} AS boxes, ${hasCells} AS has_boxes
FROM hypercubes AS t)`,
    };
  },

  referenceTiles(tables, { edge }, place) {
    const view = "prepared_tiles_view_table";
    const named = ["prepared_id", "tile_name", "server_folder", "output_folder", "is_synthetic"];
    requireColumns(tables, { table: view, columns: named, place });
    const ends = ["z", "y", "x"].flatMap((axis) => [`${axis}_start`, `${axis}_end`]);
    const ofRoi = ["id", ...ends, "time_size", "channel_size"];
    requireColumns(tables, { table: "prepared", columns: ofRoi, place });
    const tile = columnsOf(tables, view);
    const isOfSize = tables.get(view)?.has("cube_size")
      ? sql`WHERE t.cube_size = ${int(edge)}`
      : sql``;
    const noText = ["labels_path", "tracks_path", "source", "occupancy_thresholds"].map(
      (name) => sql`CAST(NULL AS VARCHAR) AS ${raw(name)}`,
    );
    const noNumber = ["z_um", "y_um", "x_um", "frame_interval_s"].map(
      (name) => sql`CAST(NULL AS DOUBLE) AS ${raw(name)}`,
    );
    return sql`(SELECT ${joined(
      named.slice(0, 4).map((name) => sql`${tile(name, "VARCHAR")} AS ${raw(name)}`),
      ", ",
    )}, '' AS array_path, 'TZYXC' AS axes, 'uint16' AS dtype, ${joined([...noText, ...noNumber], ", ")},
  CAST(p.time_size AS INTEGER) AS time_size, CAST(p.z_end - p.z_start AS INTEGER) AS z_size,
  CAST(p.y_end - p.y_start AS INTEGER) AS y_size, CAST(p.x_end - p.x_start AS INTEGER) AS x_size,
  CAST(p.channel_size AS INTEGER) AS channel_size, ${tile("hpf", "DOUBLE")} AS hpf,
  coalesce(${tile("is_synthetic", "BOOLEAN")}, FALSE) AS is_synthetic, ${joined(
    flags.map(([column, name]) => sql`${tile(column, "BOOLEAN")} AS ${raw(name)}`),
    ", ",
  )}
FROM prepared_tiles_view_table AS t JOIN prepared AS p ON p.id = t.prepared_id ${isOfSize})`;
  },

  /** JSON is read here as if a key came once: of its frames it would give any one. */
  viewsTellFrames: false,
  views(tables, views, { edge, num_timepoints }) {
    const isOfOneFrame = num_timepoints === 1;
    const selects = views.map((view) => {
      const column = columnsOf(tables, view);
      const numChannels = Number(/([0-9]+)_hypercube_view$/.exec(view)?.[1] ?? 0);
      const channels = Array.from({ length: numChannels }, (_, channel) => channel);
      const ratios = channels.map((c) => column(`occupancy_ratios_ch_${c}`, "ARRAY(DOUBLE)"));
      const occupancy = ratios.reduce((all, one) => sql`${all} || ${one}`);
      const json = column("pc_metadata_json", "VARCHAR");
      const frames = column("time_size", "INTEGER");
      const counts = percentiles.map((p) => {
        const ofChannel = channels.map(
          (c) =>
            sql`CAST(json_extract_scalar(${json}, '$["${int(c)}"]["histogram"]["${int(p)}.0"]') AS DOUBLE)`,
        );
        const known = sql`ARRAY[${joined(ofChannel, ", ")}]`;
        return sql`${isOfOneFrame ? known : sql`CAST(NULL AS ARRAY(DOUBLE))`} AS cdf_${int(p)}`;
      });
      return sql`SELECT ${placeColumns(column, edge)}, ${frames} AS time_size,
  ${occupancy} AS occupancy, ${leastByChannel(sql`(${occupancy})`, frames)} AS min_occupancy,
  ${joined(counts, ", ")}, ${isOfOneFrame ? boxesOf(json, channels) : noBoxes}
FROM ${raw(`"${view}"`)} AS t`;
    });
    const [first = sql``, ...rest] = selects;
    return sql`(${rest.reduce((all, one) => sql`${all} UNION ALL ${one}`, first)})`;
  },

  cubes(tables, { num_timepoints, edge }, place) {
    const table = "prepared_cubes";
    const starts = ["x_start", "y_start", "z_start"];
    const columns = ["prepared_id", "tile_name", ...starts, "time", "channel", "occupancy_ratio"];
    requireColumns(tables, { table, columns, place });
    const column = columnsOf(tables, table);
    const json = ["metadata_json", "pc_metadata_json"].find((name) => tables.get(table)?.has(name));
    const value = (p: number) =>
      tables.get(table)?.has(`cdf_${p}`) || json === undefined
        ? column(`cdf_${p}`, "DOUBLE")
        : sql`CAST(json_extract_scalar(${column(json, "VARCHAR")}, '$["histogram"]["${int(p)}.0"]') AS DOUBLE)`;
    const order = sql`ORDER BY t.channel, t."time"`;
    const gathered = percentiles.map((p) => sql`array_agg(${value(p)} ${order}) AS cdf_${int(p)}`);
    const least = percentiles.map((p) => {
      const name = sql`cdf_${int(p)}`;
      return sql`IF(g.is_whole, ${leastByChannel(sql`g.${name}`, sql`g.time_size`)}) AS ${name}`;
    });
    const dict = json && sql`json_extract(${column(json, "VARCHAR")}, '$["mask_bbox_dict"]')`;
    const hasBoxes = dict
      ? sql`bool_or(coalesce(cardinality(TRY_CAST(${dict} AS MAP(VARCHAR, JSON))), 0) > 0)`
      : sql`CAST(NULL AS BOOLEAN)`;
    const t = int(num_timepoints);
    const group = sql`t."time" / ${t}`;
    return sql`(SELECT g.prepared_id, g.tile_name, g.time_start, g.z_start, g.y_start, g.x_start,
  g.time_size, ${int(edge)} AS z_size, ${int(edge)} AS y_size, ${int(edge)} AS x_size,
  IF(g.is_whole, g.occupancy) AS occupancy,
  IF(g.is_whole, ${leastByChannel(sql`g.occupancy`, sql`g.time_size`)}) AS min_occupancy,
  ${joined(least, ", ")}, CAST(NULL AS VARCHAR) AS boxes, g.has_boxes
FROM (
  SELECT ${column("prepared_id", "VARCHAR")} AS prepared_id,
    ${column("tile_name", "VARCHAR")} AS tile_name, CAST(${group} * ${t} AS INTEGER) AS time_start,
    CAST(t.z_start AS INTEGER) AS z_start, CAST(t.y_start AS INTEGER) AS y_start,
    CAST(t.x_start AS INTEGER) AS x_start, CAST(count(DISTINCT t."time") AS INTEGER) AS time_size,
    count(*) = count(DISTINCT t."time") * count(DISTINCT t.channel)
      AND min(t.channel) = 0 AND max(t.channel) + 1 = count(DISTINCT t.channel) AS is_whole,
    array_agg(CAST(t.occupancy_ratio AS DOUBLE) ${order}) AS occupancy, ${joined(gathered, ", ")},
    ${hasBoxes} AS has_boxes
  FROM prepared_cubes AS t
  GROUP BY t.prepared_id, t.tile_name, t.z_start, t.y_start, t.x_start, ${group}) AS g)`;
  },
};

type ColumnOf = (column: string, type: string) => Sql;

const columnsOf =
  (tables: Tables, table: string): ColumnOf =>
  (column, type) =>
    columnOr(tables, { table, column, as: sql`t`, type: raw(type) });

function placeColumns(column: ColumnOf, edge: number): Sql {
  const starts = axes.map((axis) => {
    const name = `${axis}_start`;
    return sql`${column(name, "INTEGER")} AS ${raw(name)}`;
  });
  return sql`${column("prepared_id", "VARCHAR")} AS prepared_id,
  ${column("tile_name", "VARCHAR")} AS tile_name, ${joined(starts, ", ")}, ${int(edge)} AS z_size,
  ${int(edge)} AS y_size, ${int(edge)} AS x_size`;
}

/** The least value of each channel, of an array that has channel 0's frames first. */
function leastByChannel(values: Sql, frames: Sql): Sql {
  const slice = sql`slice(${values}, c * ${frames} + 1, ${frames})`;
  return sql`IF(${frames} > 0, transform(sequence(0, cardinality(${values}) / ${frames} - 1),
    c -> ${leastOf(slice)}))`;
}

const noBoxes = sql`CAST(NULL AS VARCHAR) AS boxes, CAST(NULL AS BOOLEAN) AS has_boxes`;

/** `mask_bbox_dict` of each channel, of which a box is a list of corners or says them by name. */
function boxesOf(json: Sql, channels: readonly number[]): Sql {
  const names = ["zmin", "ymin", "xmin", "zmax", "ymax", "xmax"];
  const named = joined(
    names.map((name) => raw(`b['${name}']`)),
    ", ",
  );
  const dicts = channels.map((c) => {
    const dict = sql`json_extract(${json}, '$["${int(c)}"]["mask_bbox_dict"]')`;
    return sql`coalesce(TRY_CAST(${dict} AS MAP(VARCHAR, ARRAY(DOUBLE))), transform_values(
      TRY_CAST(${dict} AS MAP(VARCHAR, MAP(VARCHAR, DOUBLE))), (k, b) -> ARRAY[${named}]))`;
  });
  const keys = joined(
    channels.map((c) => raw(`'${c}'`)),
    ", ",
  );
  const boxes = sql`map_filter(MAP(ARRAY[${keys}], ARRAY[${joined(dicts, ", ")}]),
    (k, v) -> cardinality(v) > 0)`;
  return sql`json_format(CAST(${boxes} AS JSON)) AS boxes, cardinality(${boxes}) > 0 AS has_boxes`;
}
