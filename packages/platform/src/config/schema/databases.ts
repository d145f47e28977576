import { z } from "zod";

const names = z.array(z.string().min(1)).readonly();

const channelFilter = z.enum(["min_ch0", "min_ch1", "min_all"]).default("min_ch0");

/** Config group `datasets/databases`: which catalogue is asked, and for which hypercubes. */
export const DatabasesConfig = z
  .strictObject({
    kind: z.enum(["duckdb"]).default("duckdb").describe("what kind of catalogue is asked"),
    catalogue_path: z.string().min(1).describe("file of the catalogue; made by `cello data`"),
    server_folder_path: z
      .string()
      .nullable()
      .default(null)
      .describe("folder that replaces the catalogue's server_folder; null: as in the catalogue"),
    max_rois: z.int().positive().nullable().default(null).describe("regions at most; null: all"),
    max_tiles: z.int().positive().nullable().default(null).describe("tiles at most; null: all"),
    max_hypercubes: z
      .int()
      .positive()
      .nullable()
      .default(null)
      .describe("hypercubes at most, in the catalogue's order; null: all"),
    roi_list: names.nullable().default(null).describe("only these prepared_id; null: all"),
    tile_list: names.nullable().default(null).describe("only these tile_name; null: all"),
    timepoint_list: z
      .array(z.int().nonnegative())
      .readonly()
      .nullable()
      .default(null)
      .describe("only hypercubes with these time_start, in frames; null: all"),
    hpf_list: z
      .array(z.number().nonnegative())
      .readonly()
      .nullable()
      .default(null)
      .describe("only these hours post fertilisation; null: all"),
    occupancy_threshold: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .default(null)
      .describe("least fraction of occupied voxels, over all frames; null: no filter"),
    occupancy_threshold_filter_type: channelFilter.describe(
      "channels that must reach occupancy_threshold: the first, the second, or all",
    ),
    cdf_threshold: z
      .number()
      .nonnegative()
      .nullable()
      .default(null)
      .describe("least intensity, in counts, at the percentile cdf_target; null: no filter"),
    cdf_target: z
      .union([z.literal(80), z.literal(90), z.literal(95), z.literal(99)])
      .default(90)
      .describe("percentile that cdf_threshold is compared with"),
    cdf_threshold_filter_type: channelFilter.describe(
      "channels that must reach cdf_threshold: the first, the second, or all",
    ),
    synthetic_only: z
      .boolean()
      .nullable()
      .default(null)
      .describe("true: simulated data only; false: measured data only; null: both"),
    has_annotations: z
      .boolean()
      .default(false)
      .describe("true: only hypercubes with instance labels"),
  })
  .readonly();
export type DatabasesConfig = z.infer<typeof DatabasesConfig>;
