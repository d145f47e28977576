import type { VoxelBox } from "../batch.ts";
import type { Origin } from "../sample.ts";
import type { VoxelDtype } from "../voxels.ts";
import type { SourceCounts } from "./counts.ts";

export interface HypercubeSourceConfig {
  /** Sizes of a sample along T Z Y X; channels are what the image has, or `channels`. */
  readonly cubeShape: readonly [t: number, z: number, y: number, x: number];
  /** Channels to read, in this order; null: all. */
  readonly channels: readonly number[] | null;
  readonly numChannels: number;
  /** A chunk that is not on disk, of labels too: its fill value, and counted, or an error. */
  readonly missingChunks: "fill" | "error";
  /** A chunk that cannot be read: an error, or its voxels are zeros that are not valid. */
  readonly unreadable?: "raise" | "mask";
  /** An image with too few channels: an error, or zeros that are not valid. */
  readonly missingChannels?: "error" | "zero";
  /** Number type of a sample. */
  readonly dtype?: VoxelDtype;
  /** Memory for decoded chunks, which later samples may need again; 0: none. */
  readonly cacheBytes?: number;
  /** Where instance labels are: nowhere, in a channel (from the last below 0), or in an array. */
  readonly labels?: "none" | "array" | { readonly channel: number };
}

/** What was read of a sample. */
export interface SourceReport extends SourceCounts {
  readonly validSize: Origin;
  readonly validChannels: number;
  readonly unread: readonly VoxelBox[];
  /** Class of an instance, where the labels say one. */
  readonly classOf: (id: number) => number;
}

export interface ReadSampleOptions {
  /** [T Z Y X]: where labels go. */
  readonly labels?: Int32Array | undefined;
  /** What `HypercubeSource.expect` gave for the sample. */
  readonly place?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
