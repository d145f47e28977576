import type { PreprocessorConfig } from "../../config/index.ts";
import { patchify } from "../../nn/index.ts";
import type { Batch } from "../batch.ts";
import { TransformError } from "../transforms/transform-error.ts";
import { inLayout, preparer, type TaskParts } from "./prepare.ts";
import { noTargets, type TaskBatch } from "./task-batch.ts";

/**
 * The image without noise: what `noise` or `gaussian_noise` of the list adds, the target lacks. All
 * else of the list is done to both, and both are normalised by the input's own numbers, so that they
 * are in one unit.
 */
export function denoisingPreprocessor(
  config: PreprocessorConfig,
  parts: TaskParts,
): (batch: Batch) => TaskBatch {
  const prepare = preparer(config, parts, { clean: true });
  return (batch) => {
    const { image, clean, valid } = prepare(batch);
    if (clean === null || clean === image) {
      throw new TransformError(
        "denoising needs noise: no transform has added any",
        "Add `kind: noise` to datasets.preprocessor.transforms_list.",
      );
    }
    const target = inLayout(clean, parts);
    return {
      ...noTargets,
      video: inLayout(image, parts),
      valid: valid && inLayout(valid, parts),
      target,
      target_BNP: patchify(target, parts.grid),
    };
  };
}
