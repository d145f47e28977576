import {
  type Batch,
  type Dataloader,
  maskGenerator,
  type PreprocessedBatch,
  rayPreprocessor,
  readPsfs,
  type Sampler,
  settledTransforms,
  splitHypercubes,
  trainingSampler,
  validationSampler,
  withoutVariation,
} from "../data/index.ts";
import type { HypercubeTable } from "../database/index.ts";
import { type TokenGrid, tokenGrid } from "../nn/index.ts";
import { asSeen, withoutCrops } from "./as-seen.ts";
import { type LoadersOfRun, loadersOfRun } from "./loaders-of-run.ts";
import { rowsOfRun } from "./rows-of-run.ts";
import { lastBatchOf } from "./run-length.ts";

/** The data of a pretraining run: what is trained on, what is held out, and how a batch gets ready. */
export interface PretrainData {
  readonly training: Dataloader;
  /** null: nothing is held out (`datasets.split` is 0). */
  readonly validation: Dataloader | null;
  /** Every hypercube of the query, held out or not. */
  readonly table: HypercubeTable;
  /** Whether the hypercubes are those that the run had saved, and nobody was asked. */
  readonly areRowsSaved: boolean;
  /** Rows of the table that are held out. */
  readonly heldOut: Int32Array;
  readonly prepare: (batch: Batch) => PreprocessedBatch;
  /** As `prepare`, but without what makes training samples vary. */
  readonly prepareValidation: (batch: Batch) => PreprocessedBatch;
  readonly grid: TokenGrid;
  /**
   * A loader of other samples, in the order of the sampler, through the same path, but in the sizes
   * that the model sees; and what prepares them, as for validation, without a crop.
   */
  loaderOf(sampler: Sampler): Dataloader;
  readonly prepareSeen: (batch: Batch) => PreprocessedBatch;
}

interface Parts extends LoadersOfRun {
  readonly signal: AbortSignal;
  /** Whether the database is asked although the run has saved its rows. */
  readonly asksAnew?: boolean;
}

/** Asks the catalogue, splits what it has, and builds the path from disk to masked batches. */
export async function pretrainData({
  signal,
  asksAnew = false,
  ...run
}: Parts): Promise<PretrainData> {
  const { config, device } = run;
  const { datasets, dataset_layout_order, seed } = config;
  const { locality, locality_window: window, shuffle } = datasets.loader;
  const { table, areSaved } = await rowsOfRun(config, { signal, asksAnew, say: run.say });
  const how = { fraction: datasets.split, seed, by: datasets.split_by, signal };
  const split = await splitHypercubes(table, how);
  const loader = loadersOfRun(run);
  const grid = tokenGrid({
    input_fmt: dataset_layout_order,
    input_shape: datasets.train_shape ?? datasets.input_shape,
    patch_shape: datasets.patch_shape,
  });
  const collated = datasets.transforms?.transforms_list ?? [];
  const parts = {
    layout: dataset_layout_order,
    device: device === "cuda" ? ("cuda:0" as const) : ("cpu" as const),
    seed,
    maskGenerator: maskGenerator(datasets.masking, grid),
    grid,
    collated,
    psfs: await readPsfs([...collated, ...(datasets.preprocessor.transforms_list ?? [])]),
  };
  const validated = withoutVariation(datasets.preprocessor);
  const settled = settledTransforms(collated);
  return {
    training: loader(
      "training",
      trainingSampler(table, split, {
        seed,
        shuffle,
        crop: datasets.crop,
        samplesPerEpoch: datasets.samples_per_epoch,
        locality: locality === null ? null : { edge: locality, window },
      }),
      lastBatchOf(config),
    ),
    validation:
      split.validation.length === 0
        ? null
        : loader("validation", validationSampler(table, split), "keep"),
    table,
    areRowsSaved: areSaved,
    heldOut: split.validation,
    prepare: rayPreprocessor(datasets.preprocessor, parts),
    prepareValidation: rayPreprocessor(validated, { ...parts, collated: settled }),
    prepareSeen: rayPreprocessor(
      {
        ...validated,
        transforms_list: validated.transforms_list && withoutCrops(validated.transforms_list),
      },
      { ...parts, collated: withoutCrops(settled) },
    ),
    grid,
    loaderOf: (sampler) =>
      loadersOfRun({ ...run, config: asSeen(config) })("validation", sampler, "keep"),
  };
}
