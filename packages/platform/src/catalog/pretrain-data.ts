import {
  type Batch,
  Dataloader,
  findHypercubes,
  HypercubeSource,
  type LastBatch,
  maskGenerator,
  type PreprocessedBatch,
  rayPreprocessor,
  type Sampler,
  splitHypercubes,
  trainingSampler,
  validationSampler,
  withoutVariation,
} from "../data/index.ts";
import type { HypercubeTable } from "../database/index.ts";
import { type TokenGrid, tokenGrid } from "../nn/index.ts";
import { batchShape } from "./batch-shape.ts";
import type { RunnableConfig } from "./runnable-config.ts";

/** The data of a pretraining run: what is trained on, what is held out, and how a batch gets ready. */
export interface PretrainData {
  readonly training: Dataloader;
  /** null: nothing is held out (`datasets.split` is 0). */
  readonly validation: Dataloader | null;
  /** Every hypercube of the query, held out or not. */
  readonly table: HypercubeTable;
  /** Rows of the table that are held out. */
  readonly heldOut: Int32Array;
  readonly prepare: (batch: Batch) => PreprocessedBatch;
  /** As `prepare`, but without what makes training samples vary. */
  readonly prepareValidation: (batch: Batch) => PreprocessedBatch;
  readonly grid: TokenGrid;
  /** A loader of other samples, in the order of the sampler, through the same path. */
  loaderOf(sampler: Sampler): Dataloader;
}

interface Parts {
  readonly config: RunnableConfig;
  readonly device: "cpu" | "cuda";
  readonly signal: AbortSignal;
}

/** Asks the catalogue, splits what it has, and builds the path from disk to masked batches. */
export async function pretrainData({ config, device, signal }: Parts): Promise<PretrainData> {
  const { datasets, dataset_layout_order, seed, clusters, trainer } = config;
  const { cubeShape, numChannels } = batchShape(config);
  const wanted = { cubeShape, numChannels, channels: datasets.channels_subset };
  const table = await findHypercubes(datasets.databases, wanted, { signal });
  const split = splitHypercubes(table, { fraction: datasets.split, seed });
  const missingChunks = datasets.loader.missing_chunks;
  const source = new HypercubeSource({ ...wanted, missingChunks });
  const grid = tokenGrid({
    input_fmt: dataset_layout_order,
    input_shape: datasets.input_shape,
    patch_shape: datasets.patch_shape,
  });
  const batchSize = trainer.micro_batch_size ?? clusters.batch_size;
  const loader = (sampler: Sampler, lastBatch: LastBatch) =>
    new Dataloader({ ...datasets.loader, batchSize, lastBatch }, source, sampler);
  const parts = {
    layout: dataset_layout_order,
    device: device === "cuda" ? ("cuda:0" as const) : ("cpu" as const),
    seed,
    maskGenerator: maskGenerator(datasets.masking, grid),
    grid,
  };
  return {
    training: loader(
      trainingSampler(table, split, {
        seed,
        shuffle: datasets.loader.shuffle,
        crop: datasets.crop,
        samplesPerEpoch: datasets.samples_per_epoch,
      }),
      datasets.last_batch_policy ?? (datasets.drop_last_policy ? "drop" : "keep"),
    ),
    validation:
      split.validation.length === 0 ? null : loader(validationSampler(table, split), "keep"),
    table,
    heldOut: split.validation,
    prepare: rayPreprocessor(datasets.preprocessor, parts),
    prepareValidation: rayPreprocessor(withoutVariation(datasets.preprocessor), parts),
    grid,
    loaderOf: (sampler) => loader(sampler, "keep"),
  };
}
