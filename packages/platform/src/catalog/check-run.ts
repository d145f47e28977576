import { memoryStats, noGrad, resetPeak } from "@cell-observatory/engine";
import type { RunConfig } from "../config/index.ts";
import type { Batch, Dataloader } from "../data/index.ts";
import type { MaskedBatch } from "../models/index.ts";
import { type Clock, duration } from "../telemetry/index.ts";
import {
  clipGradients,
  type ForwardParts,
  forwardBackward,
  forwardOnly,
} from "../training/index.ts";
import { type TrainingParts, trainingParts } from "./training-parts.ts";

export interface CheckRunOptions {
  readonly config: RunConfig;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** A remark for the reader. */
  note(text: string): void;
}

/** What one batch end to end says about a run. */
interface CheckFacts {
  readonly parameters: number;
  readonly tokens: number;
  readonly training_samples: number;
  readonly held_out_samples: number;
  readonly steps: number;
  readonly steps_per_epoch: number;
  readonly loss: number;
  readonly grad_norm: number;
  readonly seconds_per_step: number;
  readonly memory_bytes: number;
  readonly checkpoint_bytes: number;
}

/** The facts for a program, and for a reader. */
export interface CheckReport {
  readonly facts: CheckFacts;
  readonly lines: readonly string[];
}

/**
 * Takes one batch from disk through the model, backward, and one held-out batch through the model,
 * and estimates what the whole run needs. Writes nothing.
 */
export async function checkRun(options: CheckRunOptions): Promise<CheckReport> {
  const { config, signal, clock, note: say } = options;
  const parts = await trainingParts(config, signal, { say });
  const { model, data, length, batchesPerStep, device } = parts;
  const { prepare } = data;
  const forward = { model, prepare, precision: parts.config.quantization, device };
  const first = <T>(loader: Dataloader, use: (batch: Batch) => T) =>
    firstBatch(loader, { use, signal });
  await first(data.training, (batch) => forwardBackward(forward, batch, 1)); // warms up
  resetPeak();
  const { ms, loss } = await first(data.training, (batch) => timed(clock, forward, batch));
  const gradNorm = clipGradients(model.parameters(), null);
  const peakBytes = memoryStats().peakBytes;
  const { validation } = data;
  if (validation !== null) {
    model.eval();
    await first(validation, (batch) => noGrad(() => forwardOnly(forward, batch)));
  }
  const parameters = model.numParameters();
  const facts = {
    parameters,
    tokens: data.grid.numTokens,
    training_samples: data.training.samplesPerEpoch,
    held_out_samples: validation?.samplesPerEpoch ?? 0,
    steps: length.totalSteps,
    steps_per_epoch: length.stepsPerEpoch,
    loss,
    grad_norm: gradNorm,
    seconds_per_step: (ms * batchesPerStep) / 1000,
    // weights, gradients and two means per weight are float32; the peak has the first two
    memory_bytes: peakBytes + 2 * 4 * parameters,
    checkpoint_bytes: 3 * 4 * parameters,
  };
  return { facts, lines: linesOf(facts, parts) };
}

function linesOf(facts: CheckFacts, { config, device }: TrainingParts): readonly string[] {
  const { steps, steps_per_epoch, seconds_per_step, checkpoint_bytes } = facts;
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const kept = config.checkpoint.keep_last + 1;
  return [
    `model       ${facts.parameters.toLocaleString("en")} parameters, ${facts.tokens} tokens a sample, ${config.quantization} on ${device}`,
    `data        ${facts.training_samples} samples an epoch, ${facts.held_out_samples} held out`,
    `schedule    ${steps} steps, ${steps_per_epoch} an epoch, ${config.clusters.batch_size} samples a step`,
    `one batch   loss ${facts.loss.toPrecision(4)}, gradient norm ${facts.grad_norm.toPrecision(4)}`,
    `time        ${seconds_per_step.toPrecision(3)} s a step, about ${duration(steps * seconds_per_step)} in all`,
    `memory      ${mib(facts.memory_bytes)} of tensors at the peak`,
    `disk        ${mib(checkpoint_bytes)} a checkpoint, ${kept} are kept: ${mib(checkpoint_bytes * kept)}`,
    "Nothing was written. Without --check, training begins.",
  ];
}

function timed(clock: Clock, forward: ForwardParts<Batch, MaskedBatch>, batch: Batch) {
  const began = clock.now();
  const { loss } = forwardBackward(forward, batch, 1);
  return { loss, ms: clock.now() - began };
}

async function firstBatch<T>(
  loader: Dataloader,
  { use, signal }: { readonly use: (batch: Batch) => T; readonly signal: AbortSignal },
): Promise<T> {
  for await (const batch of loader.epoch(0, { signal })) return use(batch);
  throw new Error("the loader gave no batch");
}
