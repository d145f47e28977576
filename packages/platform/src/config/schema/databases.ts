import { z } from "zod";
import {
  choice,
  flag,
  fraction,
  group,
  int,
  keys,
  list,
  number,
  orNull,
  text,
  unused,
} from "./key.ts";
import { layout, shape } from "./layout.ts";

const channelFilter = (description: string) =>
  choice(description, ["min_ch0", "min_ch1", "min_all"]).default("min_ch0");
const edge = (description: string) =>
  int(description, { unit: "voxels", min: 1, max: 65536 }).default(128);
const edges = (description: string) =>
  list(description, z.int().check(z.gte(1)), { min: 1 }).optional();
const most = (description: string, unit: string) =>
  orNull(int(description, { unit, min: 1, max: 2 ** 40 }));

/**
 * Which hypercubes a run is about. The reference platform writes these keys under `datasets` and
 * hands them on to the database, so they may stand in either place.
 */
export const selectionKeys = () => ({
  max_rois: most("regions at most; null: all", "regions"),
  max_tiles: most("tiles at most; null: all", "tiles"),
  max_hypercubes: most("hypercubes at most, in the catalogue's order; null: all", "hypercubes"),
  roi_list: orNull(list("only these prepared_id; null: all", text("prepared_id"))),
  tile_list: orNull(list("only these tile_name; null: all", text("tile_name"))),
  timepoint_list: orNull(
    list("only hypercubes with these time_start, in frames; null: all", z.int().check(z.gte(0))),
  ),
  hpf_list: orNull(
    list("only these hours post fertilisation; null: all", z.number().check(z.gte(0))),
  ),
  occupancy_threshold: orNull(
    fraction("least part of occupied voxels, over all frames; null: no filter"),
  ),
  cdf_threshold: orNull(
    number("least intensity at the percentile cdf_target; null: no filter", {
      unit: "counts",
      min: 0,
      max: 65535,
    }),
  ),
  cdf_target: percentile("percentile that cdf_threshold is compared with").default(90),
  synthetic_only: orNull(flag("true: simulated data only; false: measured data only; null: both")),
  has_annotations: flag("true: only hypercubes with instance labels").default(false),
});

/** Without their defaults: a key that is not given here leaves the database's own alone. */
export function selectionKeysInDatasets() {
  const { cdf_target, has_annotations, ...nullable } = selectionKeys();
  return {
    ...nullable,
    cdf_target: cdf_target.removeDefault().optional(),
    has_annotations: has_annotations.removeDefault().optional(),
  };
}

function percentile(description: string) {
  const schema = z.literal([80, 90, 95, 99]);
  z.globalRegistry.add(schema, { description, unit: "percent" });
  return schema;
}

/** Config group `datasets/databases`: which catalogue is asked, and for which hypercubes. */
export const DatabasesConfig = group("which catalogue is asked, and for which hypercubes", () =>
  keys({
    kind: choice("what kind of catalogue is asked", [
      "duckdb",
      "supabase",
      "trino",
      "local",
    ]).default("duckdb"),
    catalogue_path: text(
      "file of the catalogue; made by `cello data`; not given: catalogue.duckdb in paths.data_path",
    ).optional(),
    server_folder_path: orNull(
      text("folder that replaces the catalogue's server_folder; null: as in the catalogue"),
    ),
    quarantine_path: orNull(
      text("file of `cello data check --quarantine`: hypercubes at fault are left out; null: none"),
    ),
    ...selectionKeys(),
    occupancy_threshold_filter_type: channelFilter(
      "channels that must reach occupancy_threshold: the first, the second, or all",
    ),
    cdf_threshold_filter_type: channelFilter(
      "channels that must reach cdf_threshold: the first, the second, or all",
    ),
    location: choice(
      "storage where a tile must be; auto: by server_folder_path, as the Python platform; any: not asked",
      ["auto", "any", "exists", "exists_prfs", "exists_aws", "exists_oak"],
    ).default("auto"),
    incomplete_hypercubes: choice(
      "hypercubes put together of smaller cubes, of which some are not listed",
      ["drop", "keep"],
    ).default("drop"),
    dbname: choice("which of the servers: production, staging, or one on this machine", [
      "prod",
      "staging",
      "local",
    ]).default("prod"),
    dotenv_path: orNull(text("file with the server's user and password")),
    protocol: orNull(
      choice("how rows travel from the server", ["binary", "csv", "cursor", "simple", "text"]),
    ),
    max_partitions: int(`queries that one question is cut into (${unused})`, {
      unit: "queries",
      min: 1,
      max: 1024,
    }).default(10),
    verbose: flag(`true: each question is logged (${unused})`).default(false),
    fetch_hypercubes_dataframe: flag("true: ask as the run starts").default(true),
    with_hypercubes_dataframe: flag(
      "true: rows are hypercubes; false: whole tiles, in which hypercubes lie half their size apart",
    ).default(true),
    use_cached_hypercubes_dataframe: flag(
      "true: take the rows from hypercubes_dataframe_path, and ask nobody",
    ).default(false),
    hypercubes_dataframe_path: orNull(
      text(
        "rows in files: CSV of the Python platform, or Parquet; use_cached_hypercubes_dataframe",
      ),
    ),
    input_shape: shape("size of a hypercube; as datasets.input_shape").optional(),
    dataset_layout_order: layout("its axes; as dataset_layout_order").optional(),
    num_timepoints: int("frames of a hypercube", { unit: "frames", min: 1, max: 65536 }).optional(),
    base_cube_size_x: edge("edge of the server's cubes along X"),
    base_cube_size_y: edge("edge of the server's cubes along Y"),
    base_cube_size_z: edge("edge of the server's cubes along Z"),
    valid_x_sizes: edges(`sizes along X that may be asked for (${unused})`),
    valid_y_sizes: edges(`sizes along Y that may be asked for (${unused})`),
    valid_z_sizes: edges(`sizes along Z that may be asked for (${unused})`),
    mask_channel_idx: orNull(
      int("channel that holds instance labels", { unit: "channel", min: -1, max: 1023 }),
    ),
  }),
);
type Keys = z.infer<typeof DatabasesConfig>;
/** What a database is asked; `catalogue_path` has its default once a run is settled. */
export interface DatabasesConfig
  extends Pick<
    Keys,
    | keyof ReturnType<typeof selectionKeys>
    | "server_folder_path"
    | "quarantine_path"
    | "occupancy_threshold_filter_type"
    | "cdf_threshold_filter_type"
    | "location"
    | "incomplete_hypercubes"
    | "dbname"
    | "dotenv_path"
    | "num_timepoints"
    | "base_cube_size_x"
    | "base_cube_size_y"
    | "base_cube_size_z"
    | "with_hypercubes_dataframe"
    | "mask_channel_idx"
    | "use_cached_hypercubes_dataframe"
    | "hypercubes_dataframe_path"
  > {
  readonly kind: "duckdb" | "supabase" | "trino";
  readonly catalogue_path: string;
}
