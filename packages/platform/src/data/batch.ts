import type { HypercubeRecord } from "../database/index.ts";
import type { Origin } from "./sample.ts";

/**
 * Voxels of B samples, the counts of their images, in a slot of the shared host buffer, and what is
 * known of them. It is the `data_tensor` and the `metainfo` of the reference platform.
 *
 * It is valid until the next batch is asked for: then the slot holds other voxels.
 */
export interface Batch {
  /** [B T Z Y X C], C the fastest. */
  readonly voxels: Uint16Array<SharedArrayBuffer>;
  readonly shape: readonly [b: number, t: number, z: number, y: number, x: number, c: number];
  readonly epoch: number;
  /** Number of the batch in its epoch. */
  readonly number: number;
  /** Number of each sample in the epoch: what its masks and transforms are drawn from. */
  readonly samples: readonly number[];
  readonly sampleIds: readonly string[];
  readonly records: readonly HypercubeRecord[];
  readonly origins: readonly Origin[];
  readonly report: BatchReport;
}

/** What it took to read a batch. */
export interface BatchReport {
  /** From the first read of the batch to the last. */
  readonly readMs: number;
  /** How long the loop had to wait for it. */
  readonly waitMs: number;
  readonly chunks: number;
  /** Chunks that are not on disk, and were taken as their fill value. */
  readonly missingChunks: number;
  /** How often storage was asked again, after it had failed for a moment. */
  readonly retries: number;
  /** Samples that could not be read, and were replaced by others. */
  readonly skipped: readonly SkippedSample[];
}

export interface SkippedSample {
  readonly sampleId: string;
  readonly reason: string;
}
