import { cat, type Tensor } from "@cell-observatory/engine";
import type { PreprocessorConfig } from "../../config/index.ts";
import { patchify } from "../../nn/index.ts";
import type { Batch } from "../batch.ts";
import { inLayout, preparer, type TaskParts } from "./prepare.ts";
import { noTargets, type TaskBatch } from "./task-batch.ts";

/**
 * Channels out of their mixture: the input is the mean over the channels that the image has, [... 1],
 * the target all channels, [... C].
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
      video: mixtureOf(target, batch.validChannels),
      valid: valid && inLayout(valid, parts),
      target,
      target_BNP: patchify(target, parts.grid),
    };
  };
}

/** The mean over the first channels of each row, those that were measured. */
function mixtureOf(channels: Tensor, validChannels: readonly number[]): Tensor {
  const C = channels.shape.at(-1) ?? 1;
  if (validChannels.every((count) => count === C)) return channels.mean(-1, true);
  const rows = validChannels.map((count, b) =>
    channels.narrow(0, b, 1).narrow(-1, 0, Math.min(count, C)).mean(-1, true),
  );
  return cat(rows, 0);
}
