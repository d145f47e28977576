import { Generator, setNumThreads } from "@cell-observatory/engine";
import { setThreads } from "@cell-observatory/zarr";
import type { CheckpointStore } from "../checkpoint/index.ts";
import type { RunConfig } from "../config/index.ts";
import type { Batch } from "../data/index.ts";
import type { MaskedAutoencoder, MaskedBatch } from "../models/index.ts";
import type { Clock, EventRecorder } from "../telemetry/index.ts";
import { type Hook, parameterGroups, type RunLength, Trainer } from "../training/index.ts";
import { components, hooksOf } from "./components.ts";
import { chooseDevice } from "./device.ts";
import { type PretrainData, pretrainData } from "./pretrain-data.ts";
import { lastBatchOf, runLength } from "./run-length.ts";
import { type RunnableConfig, runnable } from "./runnable-config.ts";

/** What a config says about a run, built; nothing is written, and nothing is trained yet. */
export interface TrainingParts {
  readonly config: RunnableConfig;
  readonly device: "cpu" | "cuda";
  readonly model: MaskedAutoencoder;
  readonly data: PretrainData;
  readonly length: RunLength;
  readonly batchesPerStep: number;
  /** The model's weights were drawn from it; dropout and drop path go on from there. */
  readonly rng: Generator;
}

/**
 * Builds the model and the data of a run.
 *
 * @param say - tells of storage that stalls, while the run goes on.
 * @param asksAnew - whether the database is asked although the run has saved its rows.
 * @throws MissingPartError when the config asks for what is not there, before anything else happens.
 */
export async function trainingParts(
  checked: RunConfig,
  signal: AbortSignal,
  { say, asksAnew = false }: { say(line: string): void; readonly asksAnew?: boolean },
): Promise<TrainingParts> {
  const config = runnable(checked);
  const { trainer, clusters, datasets } = config;
  if (trainer.num_threads !== null) setNumThreads(trainer.num_threads);
  if (datasets.loader.num_threads !== null) setThreads(datasets.loader.num_threads);
  const device = chooseDevice(trainer.device);
  const rng = new Generator(config.seed);
  const model = components.models.mae(config.models.meta_arch.mae, rng);
  if (device === "cuda") model.to({ device: "cuda:0" });
  const data = await pretrainData({ config, device, say, signal, asksAnew });
  const batchesPerStep = clusters.batch_size / (trainer.micro_batch_size ?? clusters.batch_size);
  const { batchesPerEpoch } = data.training;
  const lastBatch = lastBatchOf(config);
  const length = runLength(config, { batchesPerEpoch, batchesPerStep, lastBatch });
  return { config, device, model, data, length, batchesPerStep, rng };
}

export interface TrainerSurroundings {
  readonly recorder: EventRecorder;
  readonly store: CheckpointStore;
  readonly clock: Clock;
  /** In addition to those of the config: what shows the run to somebody. */
  readonly hooks: readonly Hook[];
}

/** The trainer of a run, with the hooks that its config asks for. */
export function buildTrainer(
  { config, device, model, data, length, batchesPerStep, rng }: TrainingParts,
  { recorder, store, clock, hooks }: TrainerSurroundings,
): Trainer<Batch, MaskedBatch> {
  const { optimizers, schedulers, evaluation } = config;
  const groups = parameterGroups(model.namedParameters(), optimizers);
  return new Trainer<Batch, MaskedBatch>(
    { ...length, batchesPerStep, clip_grad: optimizers.clip_grad, ...evaluation },
    {
      model,
      optimizer: components.optimizers[optimizers.name](groups, optimizers),
      schedule: components.schedulers[schedulers.name](optimizers.lr, schedulers, length),
      training: data.training,
      validation: data.validation,
      prepare: data.prepare,
      prepareValidation: data.prepareValidation,
      precision: config.quantization,
      device,
      hooks: [...hooksOf(config, { clock, hasValidation: data.validation !== null }), ...hooks],
      recorder,
      store,
      rng,
      clock,
    },
  );
}
