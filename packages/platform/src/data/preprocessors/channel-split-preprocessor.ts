import type { PreprocessorConfig } from "../../config/index.ts";
import { patchify } from "../../nn/index.ts";
import type { Batch } from "../batch.ts";
import { inLayout, preparer, type TaskParts } from "./prepare.ts";
import { noTargets, type TaskBatch } from "./task-batch.ts";

/**
 * Channels out of their mixture: the input is the mean over C, [... 1], the target all channels,
 * [... C].
 */
export function channelSplitPreprocessor(
  config: PreprocessorConfig,
  parts: TaskParts,
): (batch: Batch) => TaskBatch {
  const prepare = preparer(config, parts, { clean: false });
  return (batch) => {
    const { image, valid } = prepare(batch);
    const target = inLayout(image, parts);
    return {
      ...noTargets,
      video: target.mean(-1, true),
      valid: valid && inLayout(valid, parts),
      target,
      target_BNP: patchify(target, parts.grid),
    };
  };
}
