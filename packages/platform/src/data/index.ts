export { imageAxes, permutation, shapeAlong } from "./axes.ts";
export type {
  Batch,
  BatchReport,
  BoxFormat,
  SampleTargets,
  SkippedSample,
  VoxelBox,
} from "./batch.ts";
export { checkImages } from "./check/check-images.ts";
export { isFault } from "./check/findings.ts";
export { catalogueImages, imagesAt } from "./check/images-to-check.ts";
export { writeQuarantine } from "./check/quarantine.ts";
export { DataError, type DataErrorCode } from "./errors.ts";
export { findHypercubes, type WantedHypercubes } from "./find-hypercubes.ts";
export { type ImportedImage, importImage } from "./import/import-image.ts";
export type { ImportOptions } from "./import/import-options.ts";
export { linkImage } from "./import/link-image.ts";
export { imageName } from "./import/open-source.ts";
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
export { semanticSegmentationPreprocessor } from "./preprocessors/semantic-segmentation-preprocessor.ts";
export type { ObjectTargets, TaskBatch } from "./preprocessors/task-batch.ts";
export { upsamplePreprocessor } from "./preprocessors/upsample-preprocessor.ts";
export { DataQuery } from "./query/data-query.ts";
export { RandomStream } from "./rng/random-stream.ts";
export {
  type ProvidedImage,
  type ProvidedSample,
  provideSample,
  type SampleOptions,
} from "./sample/provide-sample.ts";
export { arrayPath, type Origin, type Sample, sampleId } from "./sample.ts";
export { describeImage, type ImageDescription } from "./scan/describe-image.ts";
export { findImages } from "./scan/find-images.ts";
export { type Grid, type GridPlace, gridPlaces } from "./scan/grid.ts";
export {
  type ImageRows,
  type ImageRowsOptions,
  imageRows,
  preparedIdOf,
  scansOf,
} from "./scan/image-rows.ts";
export {
  blockOf,
  boxesOf,
  boxesOfTargets,
  centreOf,
  evenly,
  type ShownBlock,
} from "./show/channel-volume.ts";
export { labelsOfSample } from "./show/labels-of-sample.ts";
export { showImage } from "./show/show-image.ts";
export { voxelSizeOf } from "./show/voxel-size.ts";
export { writePicture } from "./show/write-picture.ts";
export { MovieConfig } from "./simulate/movie-config.ts";
export { type SimulatedMovie, simulateMovie } from "./simulate/simulate-movie.ts";
export { HypercubeSource } from "./source/hypercube-source.ts";
export { inCorners } from "./structures/corners.ts";
export { settledTransforms, withoutVariation } from "./transforms/build-transforms.ts";
export { readPsfs } from "./transforms/read-psf.ts";
export { seenScale } from "./transforms/seen-scale.ts";
export { chooseChunking } from "./volume/chunking.ts";
export type { NewImageOptions } from "./volume/create-image.ts";
export { NewImage } from "./volume/new-image.ts";
