/** Sizes along T Z Y X. */
export type CubeShape4 = readonly [t: number, z: number, y: number, x: number];

/**
 * Which hypercubes are wanted. Keys are spelled as in the config group `datasets/databases`; what
 * is left out or null does not filter.
 */
export interface HypercubeQuery {
  /**
   * False: a row for each tile, from its first voxel to its last and over all frames, in place of its
   * hypercubes. Blocks and thresholds cannot be asked for then; `cube_shape` keeps the tiles that have
   * room for one, `timepoint_list` those that have one of its frames, and `max_hypercubes` counts rows.
   */
  readonly with_hypercubes_dataframe?: boolean;
  /** The channel whose boxes a whole tile has, from the last below 0; null: those of all. */
  readonly mask_channel_idx?: number | null;
  /** Sizes along T Z Y X that the hypercubes must have. */
  readonly cube_shape?: CubeShape4 | null;
  /**
   * Hypercubes at a tile's end, which the tile cuts short of `cube_shape`: dropped unless "keep".
   * Those that lie outside of their tile never come.
   */
  readonly edge_hypercubes?: "drop" | "keep";
  /**
   * Sizes of the catalogue's blocks that hypercubes are put together from; `cube_shape` is a whole
   * number of them along each axis. Null: the catalogue's blocks are the hypercubes.
   */
  readonly base_cube_shape?: CubeShape4 | null;
  /** Hypercubes of which the catalogue lacks some blocks, or has one twice: dropped unless "keep". */
  readonly incomplete_hypercubes?: "drop" | "keep";
  /** How many channels the image must have, and how many at least. */
  readonly num_channels?: number | null;
  readonly min_channels?: number | null;
  readonly roi_list?: readonly string[] | null;
  readonly tile_list?: readonly string[] | null;
  readonly timepoint_list?: readonly number[] | null;
  readonly hpf_list?: readonly number[] | null;
  /** Least part of occupied voxels, in every frame. */
  readonly occupancy_threshold?: number | null;
  readonly occupancy_threshold_filter_type?: ChannelFilter;
  /** Least counts at the percentile `cdf_target`. */
  readonly cdf_threshold?: number | null;
  readonly cdf_target?: Percentile;
  readonly cdf_threshold_filter_type?: ChannelFilter;
  readonly synthetic_only?: boolean | null;
  readonly has_annotations?: boolean;
  /** The storage where the tile must be, by the reference platform's name of its column. */
  readonly location?: Location | null;
  /** The first so many, in the catalogue's order: by ROI, tile, z, y, x, time. */
  readonly max_rois?: number | null;
  readonly max_tiles?: number | null;
  readonly max_hypercubes?: number | null;
}

/** Which channel must reach a threshold: the first, the second, or all. */
export type ChannelFilter = "min_ch0" | "min_ch1" | "min_all";

export const percentiles = [80, 90, 95, 99] as const;
export type Percentile = (typeof percentiles)[number];

export type Location = "exists" | "exists_prfs" | "exists_aws" | "exists_oak";
