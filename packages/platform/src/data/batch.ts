import type { Tensor } from "@cell-observatory/engine";
import type { HypercubeRecord } from "../database/index.ts";
import type { Origin } from "./sample.ts";
import type { VoxelArray, VoxelDtype } from "./voxels.ts";

/**
 * Voxels of B samples, the counts of their images, in a slot of the shared host buffer, and what is
 * known of them. It is the `data_tensor` and the `metainfo` of the reference platform.
 *
 * It is valid until the next batch is asked for: then the slot holds other voxels. Lists have one
 * entry for each of the B rows.
 */
export interface Batch {
  /** [B T Z Y X C], C the fastest. */
  readonly voxels: VoxelArray;
  readonly dtype: VoxelDtype;
  readonly shape: readonly [b: number, t: number, z: number, y: number, x: number, c: number];
  readonly epoch: number;
  /** Number of the batch in its epoch. */
  readonly number: number;
  /** Number of each sample in the epoch: what its masks and transforms are drawn from. */
  readonly samples: readonly number[];
  readonly sampleIds: readonly string[];
  readonly records: readonly HypercubeRecord[];
  readonly origins: readonly Origin[];
  /**
   * False: the row only fills the batch, and no loss may count it. It repeats the first one, at the
   * batch's end, or holds another sample, in place of a held-out one that could not be read.
   * Its labels are ignored, and it has no targets.
   */
  readonly rowIsValid: readonly boolean[];
  /**
   * How far the image reaches along T Z Y X, from the row's first voxel. What lies behind is padding:
   * zeros in space, the repeated last frame in time.
   */
  readonly validSizes: readonly Origin[];
  /** Channels that the image has; those behind are zeros. */
  readonly validChannels: readonly number[];
  /** Parts that could not be read: zeros that are not valid, and labels to ignore. */
  readonly unread: readonly (readonly VoxelBox[])[];
  /** [B T Z Y X]: ids of instances, 0 background, -1 ignored; null when no labels are asked for. */
  readonly labelMap: Int32Array<SharedArrayBuffer> | null;
  /** What to find in each row; null when no labels are asked for. */
  readonly targets: readonly SampleTargets[] | null;
  /** Where the loader copies batches to a device: the voxels and labels there, as long as the batch. */
  readonly onDevice?: StagedVoxels | undefined;
  readonly report: BatchReport;
}

/** A batch's arrays in the memory of a device. */
export interface StagedVoxels {
  /** [B T Z Y X C], in the batch's number type. */
  readonly image: Tensor;
  /** [B T Z Y X] int32; null when no labels are asked for. */
  readonly labels: Tensor | null;
}

/** A part of a sample, on voxel edges along T Z Y X; `to` is excluded. */
export interface VoxelBox {
  readonly from: Origin;
  readonly to: Origin;
}

/** Axes of a box of six numbers; the last is its centre and its sizes, along x y z. */
export type BoxFormat = "zyxzyx" | "xyzxyz" | "cxcyczwhd";

/** The N instances of which a sample has at least one voxel, ids ascending, over its T frames. */
export interface SampleTargets {
  /** [N], as in the label map: the same object in every frame. */
  readonly ids: Int32Array;
  /** [N] classes; 0 where nothing says one. */
  readonly labels: Int32Array;
  /** [T N 6] on voxel edges, in `boxFormat`; zeros in a frame without the object. */
  readonly boxes: Float32Array;
  /** [T N]: 1 where the object has voxels in the frame. */
  readonly isPresent: Uint8Array;
  readonly boxFormat: BoxFormat;
  /** True: boxes are parts of the sample's valid sizes. */
  readonly isNormalized: boolean;
}

/** What it took to read a batch. */
export interface BatchReport {
  /** From the first read of the batch to the last. */
  readonly readMs: number;
  /**
   * How long threads asked storage, and how long they decoded and put voxels in their places: sums
   * over threads, which work side by side, so that they may be more than `readMs`.
   */
  readonly storageMs: number;
  readonly decodeMs: number;
  /** Putting it together: filling rows, and finding what is in the labels. */
  readonly collateMs: number;
  /**
   * Giving its copies to the device; they go on by themselves where the slots are page-locked, and
   * are made in this time where they are not. 0 where nothing is copied.
   */
  readonly copyMs: number;
  /** How long the loop had to wait for it. */
  readonly waitMs: number;
  readonly chunks: number;
  /** Chunks that were decoded already, for another sample. */
  readonly cachedChunks: number;
  /** Chunks that are not on disk, and were taken as their fill value. */
  readonly missingChunks: number;
  /** Chunks of labels that are not on disk, and were taken as background. */
  readonly missingLabelChunks: number;
  /** Samples of which chunks are not on disk, of the image or its labels. */
  readonly samplesWithMissing: number;
  /** Chunks that could not be read, and whose voxels are not valid. */
  readonly unreadChunks: number;
  /** How often storage was asked again, after it had failed for a moment. */
  readonly retries: number;
  /** Samples that could not be read, and were replaced by others. */
  readonly skipped: readonly SkippedSample[];
}

export interface SkippedSample {
  readonly sampleId: string;
  readonly reason: string;
}
