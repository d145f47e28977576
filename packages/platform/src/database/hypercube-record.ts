import { z } from "zod";
import type { HypercubePlace } from "./hypercube-place.ts";

const size = z.int().positive();
const start = z.int().nonnegative();
const perChannel = z.array(z.number()).readonly();

/**
 * An image as a catalogue knows it. ROI, tile and hypercube are the reference platform's words: an
 * ROI (`prepared_id`) is one prepared acquisition, a tile one array in it, axes T Z Y X C.
 */
export const TileRecord = z
  .strictObject({
    prepared_id: z.string().min(1),
    tile_name: z.string().min(1).describe("folder of the OME-Zarr image, in output_folder"),
    server_folder: z.string(),
    output_folder: z.string(),
    array_path: z.string().describe("the full-size array, in the image's folder"),
    axes: z.string().min(1).describe("axes of that array on disk, slowest first, such as TZYXC"),
    labels_path: z.string().nullable().describe("its instance labels, in the image's folder"),
    tracks_path: z.string().nullable().describe("its cells over time, a CSV in the image's folder"),
    time_size: size,
    z_size: size,
    y_size: size,
    x_size: size,
    channel_size: size,
    dtype: z.string(),
    z_um: z.number().positive().nullable().describe("edge of a voxel, in micrometres"),
    y_um: z.number().positive().nullable(),
    x_um: z.number().positive().nullable(),
    frame_interval_s: z.number().positive().nullable(),
    hpf: z.number().nonnegative().nullable().describe("hours post fertilisation"),
    is_synthetic: z.boolean(),
    source: z.string().describe("where it came from"),
    occupancy_thresholds: perChannel.describe("counts above which a voxel is occupied"),
  })
  .readonly();
export type TileRecord = z.infer<typeof TileRecord>;

/** What a catalogue holds of a hypercube, besides its tile. */
export const HypercubeStatistics = z
  .strictObject({
    time_start: start,
    z_start: start,
    y_start: start,
    x_start: start,
    time_size: size,
    z_size: size,
    y_size: size,
    x_size: size,
    occupancy_ratios: z
      .array(perChannel)
      .readonly()
      .describe("part of the voxels that is occupied: by channel, then frame"),
    cdf_80: perChannel.describe("counts at the 80th percentile, by channel"),
    cdf_90: perChannel,
    cdf_95: perChannel,
    cdf_99: perChannel,
    mask_bbox_dict: z
      .string()
      .nullable()
      .optional()
      .describe(
        'boxes of the cells, JSON: {"CHANNEL": {"CELL": [z0, y0, x0, z1, y1, x1]}}; null: unknown',
      ),
  })
  .readonly();
export type HypercubeStatistics = z.infer<typeof HypercubeStatistics>;

/** A block of a tile that can be a sample: a row of a database. Starts and sizes are in voxels. */
export interface HypercubeRecord
  extends HypercubePlace,
    Partial<Omit<HypercubeStatistics, keyof HypercubePlace>> {
  readonly prepared_id: string;
  readonly tile_name: string;
  readonly server_folder: string;
  readonly output_folder: string;
  readonly array_path: string;
  readonly axes: string;
  readonly labels_path: string | null;
  readonly channel_size: number;
  readonly dtype: string;
  readonly hpf: number | null;
  readonly is_synthetic: boolean;
  /** Sizes of the whole tile along T Z Y X C. */
  readonly tile_shape: readonly [t: number, z: number, y: number, x: number, c: number];
}
