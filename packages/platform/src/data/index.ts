export { imageAxes, permutation, shapeAlong } from "./axes.ts";
export type { Batch, BatchReport, SkippedSample } from "./batch.ts";
export { describeImage, type ImageDescription } from "./catalogue/describe-image.ts";
export { type Grid, type GridPlace, gridPlaces } from "./catalogue/grid.ts";
export { type ImageRows, type ImageRowsOptions, imageRows } from "./catalogue/image-rows.ts";
export { DataError, type DataErrorCode } from "./errors.ts";
export { findHypercubes, type WantedHypercubes } from "./find-hypercubes.ts";
export { Dataloader, type DataloaderConfig } from "./loader/dataloader.ts";
export { type Sampler, trainingSampler, validationSampler } from "./loader/sampler.ts";
export { type Split, splitHypercubes, type TrainingCube } from "./loader/split.ts";
export { type MaskGenerator, maskGenerator } from "./masking/mask-generator.ts";
export { type PreprocessedBatch, rayPreprocessor } from "./preprocessors/ray-preprocessor.ts";
export { RandomStream } from "./rng/random-stream.ts";
export {
  type ProvidedImage,
  type ProvidedSample,
  provideSample,
  type SampleOptions,
} from "./sample/provide-sample.ts";
export { arrayPath, type Origin, type Sample, sampleId } from "./sample.ts";
export { MovieConfig } from "./simulate/movie-config.ts";
export { type SimulatedMovie, simulateMovie } from "./simulate/simulate-movie.ts";
export { HypercubeSource, type HypercubeSourceConfig } from "./source/hypercube-source.ts";
export { type ImportedImage, importTiff } from "./tiff/import-tiff.ts";
export { chooseChunking } from "./volume/chunking.ts";
export { NewImage, type NewImageOptions } from "./volume/new-image.ts";
