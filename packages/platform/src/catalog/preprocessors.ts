import type { PreprocessorConfig } from "../config/index.ts";
import {
  type Batch,
  channelSplitPreprocessor,
  denoisingPreprocessor,
  instanceSegmentationPreprocessor,
  type PreprocessedBatch,
  rayPreprocessor,
  readPsfs,
  semanticSegmentationPreprocessor,
  type TaskBatch,
  type TaskParts,
  upsamplePreprocessor,
} from "../data/index.ts";

type Prepare = (batch: Batch) => PreprocessedBatch | TaskBatch;

/** The preprocessors by their kind, as `datasets.preprocessor.kind` names them. */
export const preprocessors = {
  ray: rayPreprocessor,
  channel_split: channelSplitPreprocessor,
  upsample: upsamplePreprocessor,
  denoising: denoisingPreprocessor,
  instance_segmentation: instanceSegmentationPreprocessor,
  object_detection: instanceSegmentationPreprocessor,
  semantic_segmentation: semanticSegmentationPreprocessor,
} satisfies Record<
  NonNullable<PreprocessorConfig["kind"]>,
  (config: PreprocessorConfig, parts: TaskParts) => Prepare | Promise<Prepare>
>;

/** The preprocessor that a config names; some read a file first. */
export async function buildPreprocessor(
  config: PreprocessorConfig,
  parts: TaskParts,
): Promise<Prepare> {
  const psfs = await readPsfs([...(parts.collated ?? []), ...(config.transforms_list ?? [])]);
  return preprocessors[config.kind ?? "ray"](config, { ...parts, psfs });
}
