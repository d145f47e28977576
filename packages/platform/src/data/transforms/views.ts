import { scope, type Tensor } from "@cell-observatory/engine";
import { RandomStream } from "../../rng/index.ts";
import type { SampleTargets } from "../batch.ts";
import type { Origin } from "../sample.ts";
import type { ZYX } from "../structures/boxes.ts";

/**
 * A batch while it is transformed: all that must move together. Lists have one entry for each of the
 * B rows.
 */
export interface Views {
  /** [B T Z Y X C], floating. Never written to: whoever changes it makes another. */
  readonly image: Tensor;
  /** The same without noise, in the image's unit; null where nobody asks for it. */
  readonly clean: Tensor | null;
  /** Instance ids [B T Z Y X], int32: 0 background, -1 ignored; null where there are none. */
  readonly labels: Tensor | null;
  /** [B T Z Y X C] uint8, 1 where a voxel was measured; null: all were. */
  readonly valid: Tensor | null;
  /** How far each row reaches along T Z Y X; what lies behind is padding. */
  readonly validSizes: readonly Origin[];
  /** Boxes, ids and classes, as `zyxzyx` in voxels; null where there are none. */
  readonly objects: readonly SampleTargets[] | null;
}

/** What the draws of a batch depend on, besides the seed. */
export interface TransformPlace {
  readonly seed: number;
  readonly epoch: number;
  /** Number of the batch in its epoch. */
  readonly batch: number;
  /** Number of each row's sample in the epoch. */
  readonly samples: readonly number[];
}

/** Where a transform's draws come from. */
export interface Draws {
  /** One stream a row: a sample is transformed alike whoever else is in its batch. */
  readonly rows: readonly RandomStream[];
  /** For what a batch must have in common, such as a size. */
  readonly batch: RandomStream;
}

/** One step between the counts of a batch and what the model sees. */
export interface Transform {
  /** What its draws are named after: two in one list have different names. */
  readonly name: string;
  apply(views: Views, draws: Draws): Views;
}

/**
 * Applies transforms in their order. What each draws depends on (seed, epoch, sample, name) alone.
 * Tensors that only a transform in between has made are released.
 */
export function applyTransforms(
  transforms: readonly Transform[],
  views: Views,
  { seed, epoch, batch, samples }: TransformPlace,
): Views {
  return transforms.reduce((before, { name, apply }) => {
    const stream = (purpose: string, index: number) =>
      new RandomStream({ seed, purpose, epoch, index });
    const rows = samples.map((index) => stream(name, index));
    const after = scope(() => apply(before, { rows, batch: stream(`${name} of a batch`, batch) }));
    if (before !== views) releaseReplaced(before, after, views);
    return after;
  }, views);
}

function releaseReplaced(before: Views, after: Views, first: Views): void {
  const kept = new Set(Object.values({ ...after }).concat(Object.values({ ...first })));
  const { image, clean, labels, valid } = before;
  for (const tensor of new Set([image, clean, labels, valid])) {
    if (tensor !== null && !kept.has(tensor)) tensor.release();
  }
}

/** Sizes along T Z Y X and C. */
export function sizesOf({
  image,
}: Views): Readonly<Record<"B" | "T" | "Z" | "Y" | "X" | "C", number>> {
  return image.sizes("B T Z Y X C");
}

/** A number for each axis of space, asked for in their order. */
export function alongZYX(of: (axis: 0 | 1 | 2) => number): ZYX {
  return [of(0), of(1), of(2)];
}
