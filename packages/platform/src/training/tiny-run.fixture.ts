import { Generator, scope, stack, Tensor } from "@cell-observatory/engine";
import { CheckpointStore } from "../checkpoint/index.ts";
import type { MaeConfig } from "../config/index.ts";
import { buildMae, type MaskedBatch } from "../models/index.ts";
import { EventRecorder, type EventWriter, systemClock } from "../telemetry/index.ts";
import type { BatchSource, SampleBatch } from "./batch-source.ts";
import type { Hook } from "./hook.ts";
import { bestCheckpointer } from "./hooks/best-checkpointer.ts";
import { bestMetricSaver } from "./hooks/best-metric-saver.ts";
import { lrScheduler } from "./hooks/lr-scheduler.ts";
import { periodicCheckpointer } from "./hooks/periodic-checkpointer.ts";
import { periodicWriter } from "./hooks/periodic-writer.ts";
import { AdamW } from "./optimizers/adam-w.ts";
import { parameterGroups } from "./optimizers/parameter-groups.ts";
import type { RunPlan } from "./run-plan.ts";
import { warmupCosine } from "./schedulers/warmup-cosine.ts";
import type { Precision } from "./train-step.ts";
import { Trainer } from "./trainer.ts";

/** A batch of a few random cubes, and what its masks depend on. */
export interface TinyBatch extends SampleBatch {
  readonly epoch: number;
  readonly number: number;
  readonly voxels: Float32Array;
}

export interface TinyOptions {
  readonly folder: string;
  readonly store?: CheckpointStore;
  readonly writers?: readonly EventWriter[];
  readonly hooks?: readonly Hook[];
  readonly config?: Partial<RunPlan>;
  readonly everySteps?: number | null;
  readonly precision?: Precision;
  readonly model?: Partial<MaeConfig>;
  /** In place of random batches; those that are held out are of epoch 1000. */
  readonly source?: BatchSource<TinyBatch>;
  readonly batch?: (epoch: number, number: number) => TinyBatch;
}

const batchSize = 2;
const sizes = [4, 8, 8] as const;
const numVoxels = 4 * 8 * 8;
const numTokens = 8;
const numKept = 4;

const mae: MaeConfig = {
  input_fmt: "ZYXC",
  input_shape: [...sizes, 1],
  patch_shape: [2, 4, 4],
  embed_dim: 16,
  depth: 2,
  num_heads: 2,
  mlp_ratio: 2,
  decoder_embed_dim: 8,
  decoder_depth: 1,
  decoder_num_heads: 1,
  proj_drop_rate: 0.1,
  att_drop_rate: 0,
  drop_path_rate: 0.2,
  fixed_dropout_depth: true,
  init_std: 0.02,
  norm_layer: "RmsNorm",
  act_layer: "SiLU",
  mlp_layer: "SwiGLU",
  mlp_wide_silu: false,
  qk_norm: false,
  abs_sincos_enc: false,
  rope_pos_enc: true,
  rope_type: "axial",
  rope_theta: 10,
  rope_random_rotation_per_head: true,
  weight_init_type: "mae",
  loss_fn: "l2_masked",
  norm_targets: false,
};

/** The whole trainer around a real, tiny masked autoencoder with dropout, on random cubes. */
export function tinyRun(options: TinyOptions) {
  const { folder, writers = [], hooks = [], everySteps = null, batch = randomBatch } = options;
  const config: RunPlan = {
    totalSteps: 12,
    stepsPerEpoch: 4,
    batchesPerStep: 1,
    clip_grad: 1,
    val_begin: 0,
    val_interval: 1,
    val_max_batches: null,
    ...options.config,
  };
  const rng = new Generator(7);
  const model = buildMae({ ...mae, ...options.model }, rng);
  const recorder = new EventRecorder({ writers, clock: systemClock });
  const keep = { keep_last: 2, keep_every: null };
  const store = options.store ?? new CheckpointStore({ folder, keep });
  const best = { val_metric: "val_step_loss", val_mode: "min" } as const;
  const schedule = warmupCosine(
    0.01,
    {
      name: "cosine",
      update_type: "step",
      warmup: 2,
      cooldown: 1,
      warmup_min_ratio: 0.1,
      cos_min_ratio: 0.1,
    },
    config,
  );
  const trainer = new Trainer<TinyBatch, MaskedBatch>(config, {
    model,
    optimizer: new AdamW(parameterGroups(model.namedParameters(), { wd: 0.05 }), {
      betas: [0.9, 0.99],
      eps: 1e-8,
    }),
    schedule,
    prepare: ready,
    prepareValidation: ready,
    precision: options.precision ?? "float32",
    device: "cpu",
    training: options.source ?? source(config.stepsPerEpoch * config.batchesPerStep, batch),
    validation: source(2, (_, number) => batch(1000, number)),
    hooks: [
      lrScheduler(),
      periodicWriter(),
      bestMetricSaver(best),
      bestCheckpointer(best),
      periodicCheckpointer({ every_steps: everySteps, every_epochs: 1 }),
      ...hooks,
    ],
    recorder,
    store,
    rng,
    clock: systemClock,
  });
  return { trainer, model, recorder, store };
}

/** A pure function of its place, as every source of batches is. */
export function randomBatch(epoch: number, number: number): TinyBatch {
  const shape = [batchSize * numVoxels];
  const voxels = scope(() => {
    const generator = new Generator(1000 * epoch + number);
    return Tensor.randn(shape, { generator }).data() as Float32Array;
  });
  const sampleIds = Array.from({ length: batchSize }, (_, i) => `${epoch}/${number}/${i}`);
  return { epoch, number, voxels, sampleIds, report: { missingChunks: 0, skipped: [] } };
}

function source(
  batchesPerEpoch: number,
  batch: (epoch: number, number: number) => TinyBatch,
): BatchSource<TinyBatch> {
  return {
    batchesPerEpoch,
    async *epoch(epoch, { from }) {
      for (let number = from; number < batchesPerEpoch; number++) yield batch(epoch, number);
    },
  };
}

/** The mask of a sample depends on its place in the epoch, not on the batch that it comes in. */
function ready({ voxels, epoch, number, sampleIds }: TinyBatch): MaskedBatch {
  const rows = sampleIds.map((_, i) => {
    const generator = new Generator(7 + 1000 * epoch + batchSize * number + i);
    return Tensor.rand([numTokens], { generator });
  });
  const order_BN = stack(rows).argsort();
  return {
    video: Tensor.from(voxels, { shape: [sampleIds.length, ...sizes, 1] }),
    keep_BK: order_BN.narrow(1, 0, numKept),
    hidden_BM: order_BN.narrow(1, numKept, numTokens - numKept),
    restore_BN: order_BN.argsort(),
  };
}
