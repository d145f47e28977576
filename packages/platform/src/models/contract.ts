import type { Tensor } from "@cell-observatory/engine";
import type { Module } from "../nn/index.ts";

/**
 * Samples of which a model sees some tokens and must predict the others.
 *
 * B samples, N tokens each, K kept and M hidden, K + M = N; each sample has a mask of its own, with
 * the same K and M. Indices are int64. The names of the reference platform: `video` is its
 * `data_tensor`, `keep_BK` its `context_masks`, `hidden_BM` its `target_masks`, and `restore_BN` its
 * `original_patch_indices`; its `masks` [B N] is 1 at `hidden_BM`, and its `patches_used` are all.
 */
export interface MaskedBatch {
  /** Voxels [B ...axes C], of the axes that the model's `input_fmt` names, in its dtype. */
  readonly video: Tensor;
  /** The tokens that the encoder sees. */
  readonly keep_BK: Tensor;
  /** The tokens to predict. */
  readonly hidden_BM: Tensor;
  /** Token n is at place `restore[n]` of the kept tokens followed by the hidden ones. */
  readonly restore_BN: Tensor;
  /** 1 for voxels that count, 0 for padding and what could not be read, as `video`; null: all count. */
  readonly valid?: Tensor | null | undefined;
}

/** What a training step needs of a model, and what is worth recording. */
export interface ModelOutput {
  /** The number to descend on: a scalar with a gradient. */
  readonly loss: Tensor;
  /** The terms of the loss by name, for the record: scalars. */
  readonly parts: Readonly<Record<string, Tensor>>;
  /** What was predicted; the model says in which form. */
  readonly predictions: Tensor;
}

/** A model that the trainer can train. */
export type TrainableModel<Batch> = Module & { forward(batch: Batch): ModelOutput };
