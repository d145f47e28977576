import type { Tensor } from "@cell-observatory/engine";
import type { PreprocessorConfig } from "../../config/index.ts";
import type { Batch } from "../batch.ts";
import {
  inLayout,
  type PreprocessorParts,
  preparer,
  type TokenMasks,
  tokenMasks,
} from "./prepare.ts";

/** What a masked model takes, on the device; `MaskedBatch` of `models` is this. */
export interface PreprocessedBatch extends TokenMasks {
  /** [B ...axes of the layout], float32. */
  readonly video: Tensor;
  /** Of the same shape, uint8: 1 where a voxel was measured; null where all were. */
  readonly valid: Tensor | null;
}

/**
 * Makes a batch ready for a masked model: to the device, to float32, transformed, in the layout of
 * the model, with masks. What it draws depends on (seed, epoch, sample) alone.
 *
 * Call it in a scope: its tensors live as long as that one.
 */
export function rayPreprocessor(
  config: PreprocessorConfig,
  parts: PreprocessorParts,
): (batch: Batch) => PreprocessedBatch {
  const prepare = preparer(config, parts, { clean: false });
  return (batch) => {
    const { image, valid, validSizes } = prepare(batch);
    return {
      video: inLayout(image, parts),
      valid: valid && inLayout(valid, parts),
      ...tokenMasks(batch, validSizes, parts),
    };
  };
}
