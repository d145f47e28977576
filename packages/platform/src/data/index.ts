export type {
  Batch,
  BatchReport,
  BoxFormat,
  SampleTargets,
  SkippedSample,
  VoxelBox,
} from "./batch.ts";

export { findHypercubes, type WantedHypercubes } from "./find-hypercubes.ts";
export { labelsOfSample } from "./labels-of-sample.ts";
export { Dataloader } from "./loader/dataloader.ts";
export type { DataloaderConfig } from "./loader/dataloader-config.ts";
export { placeLoaderThreads } from "./loader/numa/place-threads.ts";
export { countsOf } from "./loader/on-device.ts";
export { type Sampler, trainingSampler, validationSampler } from "./loader/sampler.ts";
export { type Split, splitHypercubes } from "./loader/split.ts";
export { type MaskGenerator, maskGenerator } from "./masking/mask-generator.ts";
export { channelSplitPreprocessor } from "./preprocessors/channel-split-preprocessor.ts";
export { denoisingPreprocessor } from "./preprocessors/denoising-preprocessor.ts";
export { instanceSegmentationPreprocessor } from "./preprocessors/instance-segmentation-preprocessor.ts";
export type { TaskParts } from "./preprocessors/prepare.ts";
export { type PreprocessedBatch, rayPreprocessor } from "./preprocessors/ray-preprocessor.ts";
export { type SeenPlace, seenPlaces } from "./preprocessors/seen-place.ts";
export { semanticSegmentationPreprocessor } from "./preprocessors/semantic-segmentation-preprocessor.ts";
export type { ObjectTargets, TaskBatch } from "./preprocessors/task-batch.ts";
export { upsamplePreprocessor } from "./preprocessors/upsample-preprocessor.ts";
export { DataQuery } from "./query/data-query.ts";
export { arrayPath, type Origin, type Sample, sampleId } from "./sample.ts";
export { HypercubeSource } from "./source/hypercube-source.ts";
export { boxesOfTargets } from "./structures/boxes-of-targets.ts";
export { inCorners } from "./structures/corners.ts";
export { settledTransforms, withoutVariation } from "./transforms/build-transforms.ts";
export { readPsfs } from "./transforms/read-psf.ts";
export { seenScale } from "./transforms/seen-scale.ts";
