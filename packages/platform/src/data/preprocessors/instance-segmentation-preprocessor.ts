import type { PreprocessorConfig } from "../../config/index.ts";
import type { Batch } from "../batch.ts";
import { objectsOf, objectTargets } from "./object-targets.ts";
import { inLayout, labelled, preparer, type TaskParts } from "./prepare.ts";
import { noTargets, type TaskBatch } from "./task-batch.ts";

/**
 * What to find in each sample: a box, an id, a class and a mask for each instance, computed from the
 * label map as the transforms left it. Object detection is the same without masks.
 *
 * @throws {@link DataError} DATA_LABELS when the batch has no labels.
 */
export function instanceSegmentationPreprocessor(
  config: PreprocessorConfig,
  parts: TaskParts,
): (batch: Batch) => TaskBatch {
  const prepare = preparer(config, parts, { clean: false });
  const options = {
    format: config.bbox_output_format ?? "zyxzyx",
    isNormalized: config.normalize_bboxes ?? false,
    hasMasks: config.kind !== "object_detection" && (config.materialize_binary_masks ?? true),
    device: parts.device,
  } as const;
  return (batch) => {
    const { image, valid, validSizes, labels, objects } = labelled(prepare(batch), config.kind);
    return {
      ...noTargets,
      video: inLayout(image, parts),
      valid: valid && inLayout(valid, parts),
      objects: objects.map((row, b) => {
        const map = labels.select(0, b);
        return objectTargets(objectsOf(map, row), map, validSizes[b] ?? [1, 1, 1, 1], options);
      }),
    };
  };
}
