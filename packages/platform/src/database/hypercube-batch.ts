import type { TileRecord } from "./hypercube-record.ts";

/** Places of hypercubes, by column; starts and sizes in voxels, and in frames along time. */
export interface HypercubePlaces {
  /** Which of `tiles` a hypercube is a block of. */
  readonly tile: Int32Array;
  readonly time_start: Int32Array;
  readonly z_start: Int32Array;
  readonly y_start: Int32Array;
  readonly x_start: Int32Array;
  readonly time_size: Int32Array;
  readonly z_size: Int32Array;
  readonly y_size: Int32Array;
  readonly x_size: Int32Array;
}

/** At most 65,536 rows of a query, in its order. */
export interface HypercubeBatch extends HypercubePlaces {
  readonly numRows: number;
  /** The tiles that rows may be of: the same list in every batch of a query. */
  readonly tiles: readonly TileRecord[];
  /**
   * What was asked for by {@link HypercubeOptions.channels}, by the reference platform's names:
   * `min_occupancy_ratios_ch_0`, `cdf_90_ch_1` and so on. NaN is "not known".
   */
  readonly statistics: Readonly<Record<string, Float64Array>>;
  /** JSON, `{"CHANNEL": {"CELL": [z0, y0, x0, z1, y1, x1]}}`, in voxels of the hypercube. */
  readonly boxes: readonly (string | null)[] | null;
}

/** Which columns come beside the places. */
export interface HypercubeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Statistics of this many first channels. */
  readonly channels?: number;
  readonly boxes?: boolean;
}
