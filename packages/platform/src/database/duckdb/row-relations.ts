import { CatalogueError } from "../errors.ts";
import { percentiles } from "../hypercube-query.ts";
import { int, joined, type Sql, sql } from "../sql/fragment.ts";
import type { SqlSource } from "../sql/sql-source.ts";
import { hasBoxes } from "./boxes-sql.ts";
import { duckDbDialect } from "./duckdb-dialect.ts";
import { literal } from "./row-files.ts";

/**
 * The two relations of a table that has a row for each hypercube, with its tile's columns in it: the
 * reference platform's cached CSV, a copy of it in Parquet, or what we write of either.
 *
 * Values may be texts: 't' and 'f' for flags, "[0.1 0.2]" or "{0.1,0.2}" for lists. A tile's size
 * that no column gives is its ROI's where extents of ROIs are there, else its furthest hypercube's end.
 *
 * @param columns - names of the table's columns, and whether they are texts.
 * @param rois - the reference platform's extents of ROIs (`id`, `z_start`, `z_end` and so on, and
 *   `time_size`), which all tiles of an ROI have there.
 */
export function rowRelations(
  scan: Sql,
  columns: ReadonlyMap<string, "text" | "other">,
  { place, rois }: { readonly place: string; readonly rois: Sql | null },
): Pick<SqlSource, "tiles" | "hypercubes"> {
  const table = new Columns(columns, place);
  const places = ["time", "z", "y", "x"].map((axis) => table.place(axis));
  const sizes = places.map(({ axis, end }) => {
    const given = table.optional(`tile_${axis}_size`);
    if (given) return only(`${axis}_size`, wholeNumber(given));
    return sql`coalesce(${rois ? extentOf(axis, rois) : sql`NULL`}, max(${end})) AS ${raw(axis)}_size`;
  });
  const text = (name: string, otherwise: Sql) =>
    only(name, sql`coalesce(${table.text(name)}, ${otherwise})`);
  const tile = [
    sql`${table.required("prepared_id")} AS prepared_id`,
    sql`${table.required("tile_name")} AS tile_name`,
    text("server_folder", sql`'.'`),
    text("output_folder", sql`''`),
    text("array_path", sql`''`),
    text("axes", sql`'TZYXC'`),
    text("dtype", sql`'uint16'`),
    ...["labels_path", "tracks_path", "source"].map((name) => only(name, table.text(name))),
    ...sizes,
    only("channel_size", wholeNumber(table.required("channel_size"))),
    ...["z_um", "y_um", "x_um", "frame_interval_s", "hpf"].map((name) =>
      only(name, table.number(name)),
    ),
    only("is_synthetic", sql`coalesce(${table.flag("is_synthetic")}, FALSE)`),
    sql`bool_or(${table.flag("exists")}) AS exists_clusterfs`,
    ...["exists_prfs", "exists_aws", "exists_oak"].map(
      (name) => sql`bool_or(${table.flag(name)}) AS ${raw(name)}`,
    ),
    sql`CAST(NULL AS VARCHAR) AS occupancy_thresholds`,
    only("boxes", table.boxesOfTile()),
  ];
  const cube = [
    sql`${table.required("prepared_id")} AS prepared_id`,
    sql`${table.required("tile_name")} AS tile_name`,
    ...places.flatMap(({ axis, start, size }) => [
      sql`${start} AS ${raw(axis)}_start`,
      sql`${size} AS ${raw(axis)}_size`,
    ]),
    ...table.statistics(),
  ];
  return {
    tiles: sql`(SELECT ${joined(tile, ",\n")}
FROM ${scan} AS every_row GROUP BY prepared_id, tile_name)`,
    hypercubes: sql`(SELECT ${joined(cube, ",\n")} FROM ${scan} AS every_row)`,
  };
}

/** Reads the columns that there are, whatever they are written as. */
class Columns {
  readonly #columns: ReadonlyMap<string, "text" | "other">;
  readonly #place: string;

  constructor(columns: ReadonlyMap<string, "text" | "other">, place: string) {
    this.#columns = columns;
    this.#place = place;
  }

  optional(name: string): Sql | null {
    return this.#columns.has(name) ? raw(`"${name}"`) : null;
  }

  required(name: string): Sql {
    const column = this.optional(name);
    if (column) return sql`coalesce(${column}, error(${literal(`a row has nothing in ${name}`)}))`;
    const message = `${this.#place} is no catalogue: it has no column ${name}`;
    throw new CatalogueError("CATALOGUE_ROW", message);
  }

  text(name: string): Sql {
    return this.optional(name) ?? sql`CAST(NULL AS VARCHAR)`;
  }

  number(name: string): Sql {
    return sql`CAST(${this.text(name)} AS DOUBLE)`;
  }

  /** NULL where there is no such column; anything but yes and no is an error. */
  flag(name: string): Sql {
    const column = this.optional(name);
    if (!column) return sql`CAST(NULL AS BOOLEAN)`;
    const value = sql`lower(CAST(${column} AS VARCHAR))`;
    return sql`CASE WHEN ${value} IN ('t', 'true', '1', '1.0') THEN TRUE
  WHEN ${value} IN ('f', 'false', '0', '0.0') THEN FALSE
  WHEN ${column} IS NOT NULL THEN error('expected t or f in ${raw(name)}, found ' || ${value}) END`;
  }

  /** Where a hypercube begins and how large it is along an axis; the reference has one edge for space. */
  place(axis: string): { axis: string; start: Sql; size: Sql; end: Sql } {
    const start = wholeNumber(this.required(`${axis}_start`));
    const own = this.optional(`${axis}_size`);
    const size = wholeNumber(own ?? this.required(axis === "time" ? "time_size" : "cube_size"));
    return { axis, start, size, end: sql`${start} + ${size}` };
  }

  statistics(): Sql[] {
    const numChannels = wholeNumber(this.required("channel_size"));
    const unknown = sql`list_resize(CAST([] AS DOUBLE[]), ${wholeNumber(this.required("time_size"))})`;
    const lists = this.#channelsOf("occupancy_ratios").map((column, channel) => {
      const list = sql`coalesce(${this.#list(column)}, ${unknown})`;
      return sql`CASE WHEN ${int(channel)} < ${numChannels} THEN ${list} END`;
    });
    const least = lists.map(duckDbDialect.least);
    const all = lists.reduce<Sql | null>((a, b) => (a ? sql`list_concat(${a}, ${b})` : b), null);
    const nothing = sql`CAST(NULL AS DOUBLE[])`;
    const ofEach = (values: readonly Sql[]) =>
      values.length === 0 ? nothing : sql`list_resize([${joined(values, ", ")}], ${numChannels})`;
    return [
      sql`${ofEach(least)} AS min_occupancy`,
      sql`${all ?? nothing} AS occupancy`,
      ...percentiles.map((percentile) => {
        const name = `cdf_${percentile}`;
        return sql`${this.#counts(percentile) ?? nothing} AS ${raw(name)}`;
      }),
      sql`${this.#boxes()} AS boxes`,
      sql`${this.#hasBoxes()} AS has_boxes`,
    ];
  }

  #channelsOf(prefix: string): string[] {
    const names: string[] = [];
    while (this.#columns.has(`${prefix}_ch_${names.length}`)) {
      names.push(`${prefix}_ch_${names.length}`);
    }
    return names;
  }

  /** NaN in it is "not known". */
  #list(name: string): Sql {
    const column = raw(`"${name}"`);
    const isText = this.#columns.get(name) === "text";
    const items = isText ? sql`regexp_extract_all(${column}, '[^][{}(), \\s]+')` : column;
    const list = sql`list_transform(${items}, lambda item:
  CASE WHEN lower(CAST(item AS VARCHAR)) NOT IN ('nan', 'null', 'none') THEN CAST(item AS DOUBLE) END)`;
    return sql`CASE WHEN len(${items}) > 0 THEN ${list} END`;
  }

  /** From columns of their own, else out of the histograms in the metadata. */
  #counts(percentile: number): Sql | null {
    const own = this.#channelsOf(`cdf_${percentile}`);
    if (own.length > 0) {
      const counts = joined(
        own.map((name) => this.number(name)),
        ", ",
      );
      return sql`list_resize([${counts}], ${wholeNumber(this.required("channel_size"))})`;
    }
    const metadata = this.optional("pc_metadata_json");
    if (!metadata) return null;
    const path = sql`'$."' || CAST(c AS VARCHAR) || '".histogram."${int(percentile)}.0"'`;
    const channels = sql`range(${wholeNumber(this.required("channel_size"))})`;
    return sql`list_transform(${channels}, lambda c:
  CAST(json_extract_string(${metadata}, ${path}) AS DOUBLE))`;
  }

  /** `{"CHANNEL": BOXES}` out of the first of the places where boxes may be. */
  #boxes(): Sql {
    const whole = this.optional("mask_bbox_dict");
    if (whole) return whole;
    const own = this.#channelsOf("mask_bbox_dict");
    const metadata = this.optional("pc_metadata_json");
    if (own.length > 0) {
      const pairs = own.flatMap((name, c) => [
        literal(String(c)),
        sql`coalesce(CAST(${raw(`"${name}"`)} AS JSON), CAST('{}' AS JSON))`,
      ]);
      return sql`CAST(json_object(${joined(pairs, ", ")}) AS VARCHAR)`;
    }
    return boxesIn(metadata);
  }

  /** Out of the metadata that the reference platform has of a whole tile. */
  boxesOfTile(): Sql {
    return boxesIn(this.optional("metadata_tile_json"));
  }

  /** NULL when the table says nothing of boxes: then its labels say whether there are cells. */
  #hasBoxes(): Sql {
    const names = ["mask_bbox_dict", "mask_bbox_dict_ch_0", "pc_metadata_json"];
    if (!names.some((name) => this.#columns.has(name))) return sql`CAST(NULL AS BOOLEAN)`;
    return hasBoxes(this.#boxes());
  }
}

/** `{"CHANNEL": BOXES}` out of `{"CHANNEL": {"mask_bbox_dict": BOXES}}`; NULL where none says so. */
function boxesIn(metadata: Sql | null): Sql {
  if (metadata === null) return sql`CAST(NULL AS VARCHAR)`;
  const path = sql`'$."' || c || '".mask_bbox_dict'`;
  const all = sql`CAST(to_json(map_from_entries(list_transform(json_keys(${metadata}), lambda c:
  {'k': c, 'v': coalesce(json_extract(${metadata}, ${path}), CAST('{}' AS JSON))}))) AS VARCHAR)`;
  return sql`CASE WHEN contains(CAST(${metadata} AS VARCHAR), 'mask_bbox_dict') THEN ${all} END`;
}

/** The size of a tile's ROI, NULL where there is no such ROI; two that differ are an error. */
function extentOf(axis: string, rois: Sql): Sql {
  const size =
    axis === "time"
      ? wholeNumber(sql`time_size`)
      : sql`${wholeNumber(raw(`${axis}_end`))} - ${wholeNumber(raw(`${axis}_start`))}`;
  const found = sql`CASE WHEN count(DISTINCT ${size}) > 1
    THEN error('the ROI ' || any_value(id) || ' is there with different extents')
    ELSE max(${size}) END`;
  return sql`(SELECT ${found} FROM ${rois} AS of_roi
    WHERE of_roi.id = CAST(any_value(every_row.prepared_id) AS VARCHAR))`;
}

/** A fact of a tile, which all of its rows must say: nothing would tell which of two is true. */
function only(name: string, value: Sql): Sql {
  const shown = (one: Sql) => sql`coalesce(CAST(${one} AS VARCHAR), 'nothing')`;
  const other = sql`CASE WHEN count(*) > count(${value}) THEN NULL ELSE max(${value}) END`;
  return sql`CASE WHEN count(${value}) = 0 OR count(${value}) = count(*) AND min(${value}) = max(${value})
  THEN min(${value}) ELSE error('the tile ' || prepared_id || '/' || tile_name
    || ' has rows of different ${raw(name)}, such as ' || ${shown(sql`min(${value})`)} || ' and '
    || ${shown(other)}) END AS ${raw(name)}`;
}

/** A number that may be written as 128 or 128.0; a part of one is an error. */
function wholeNumber(value: Sql): Sql {
  return sql`CASE WHEN CAST(${value} AS DOUBLE) % 1 = 0 THEN CAST(CAST(${value} AS DOUBLE) AS INTEGER)
  ELSE error('expected a whole number, found ' || CAST(${value} AS VARCHAR)) END`;
}

/** A name of ours. */
function raw(name: string): Sql {
  return { parts: [name] };
}
