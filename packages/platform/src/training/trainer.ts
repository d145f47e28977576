import type { Generator } from "@cell-observatory/engine";
import {
  type Checkpoint,
  type CheckpointStore,
  failpoint,
  loadTensorTable,
  tensorTable,
} from "../checkpoint/index.ts";
import type { Clock, EventRecorder, RecorderState } from "../telemetry/index.ts";
import { accumulate } from "./accumulate.ts";
import type { BatchSource, SampleBatch } from "./batch-source.ts";
import { CheckpointSaver } from "./checkpoint-saver.ts";
import type { Hook, HookContext, Progress } from "./hook.ts";
import { HookList } from "./hook-list.ts";
import { clipGradients } from "./optimizers/clip-gradients.ts";
import type { Optimizer } from "./optimizers/optimizer.ts";
import type { Schedule } from "./schedulers/schedule.ts";
import type { ForwardParts } from "./train-step.ts";
import { parseTrainingState, type TrainingState } from "./training-state.ts";
import { validate } from "./validate.ts";

/** How long to train and how to step; see the config groups of the same keys. */
export interface TrainerConfig {
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  /** Batches whose gradients make one optimizer step; an epoch's last step may have fewer. */
  readonly batchesPerStep: number;
  readonly clip_grad: number | null;
  readonly val_begin: number;
  readonly val_interval: number;
  readonly val_max_batches: number | null;
}

export interface TrainerParts<Batch extends SampleBatch, Ready> extends ForwardParts<Batch, Ready> {
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  readonly training: BatchSource<Batch>;
  /** null: nothing is held out. */
  readonly validation: BatchSource<Batch> | null;
  /** As `prepare`, for validation: the same masks every time. */
  readonly prepareValidation: (batch: Batch) => Ready;
  readonly hooks: readonly Hook[];
  readonly recorder: EventRecorder;
  readonly store: CheckpointStore;
  /** Behind dropout and drop path: part of a checkpoint. */
  readonly rng: Generator;
  readonly clock: Clock;
}

/** How training ended. `stopped`: on request, and saved, to be continued. */
export interface TrainOutcome {
  readonly kind: "completed" | "stopped";
  readonly reason: string;
  readonly step: number;
  readonly epoch: number;
}

/**
 * Trains a model: epochs of optimizer steps, each with a validation at its end, with hooks around
 * them and checkpoints between them.
 *
 * It goes on from a checkpoint as if it had never stopped: what a step does is a function of the
 * parameters, the optimizer, the generator, the hooks and the position, and all of them are saved.
 */
export class Trainer<Batch extends SampleBatch, Ready> {
  readonly #config: TrainerConfig;
  readonly #parts: TrainerParts<Batch, Ready>;
  readonly #hooks: HookList;
  readonly #saver: CheckpointSaver;
  #step = 0;
  #epoch = 0;
  #stepInEpoch = 0;
  #finished: string | null = null;

  constructor(config: TrainerConfig, parts: TrainerParts<Batch, Ready>) {
    this.#config = config;
    this.#parts = parts;
    this.#hooks = new HookList(parts.hooks);
    this.#saver = new CheckpointSaver({
      ...parts,
      epoch: () => this.#epoch,
      checkpoint: () => ({
        step: this.#step,
        model: tensorTable(parts.model.stateDict()),
        optimizer: tensorTable(parts.optimizer.state()),
        state: this.#state(),
      }),
    });
  }

  /** Names of the hooks, in the order in which they see events. */
  get hookNames(): readonly string[] {
    return this.#hooks.names;
  }

  /** Optimizer steps that are done. */
  get step(): number {
    return this.#step;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Whether a hook has ended the run, and not its length. */
  get isEndedByHook(): boolean {
    return this.#finished !== null;
  }

  /** Why there is nothing left to train; null when there is. */
  get finished(): string | null {
    const { totalSteps } = this.#config;
    const isThrough = this.#step >= totalSteps && this.#stepInEpoch === 0;
    return this.#finished ?? (isThrough ? `all ${totalSteps} steps are done` : null);
  }

  /** Goes back to where a checkpoint was saved. */
  restore({ model, optimizer, state }: Checkpoint): void {
    const saved = parseTrainingState(state);
    loadTensorTable(this.#parts.model.stateDict(), model);
    loadTensorTable(this.#parts.optimizer.state(), optimizer);
    this.#parts.optimizer.resumeAt(saved.optimizer_steps);
    this.#parts.rng.setState(Buffer.from(saved.rng, "base64"));
    this.#parts.recorder.loadState(saved.recorder as RecorderState);
    this.#hooks.loadState(saved.hooks);
    this.#step = saved.step;
    this.#epoch = saved.epoch;
    this.#stepInEpoch = saved.step_in_epoch;
    this.#finished = saved.finished === null ? null : this.#hooks.verdict();
  }

  /**
   * Trains until all steps are done, a hook ends it, or `signal` asks it to stop: then the step in
   * hand is finished, and the run saved. Validation, which may take long, is left to whoever goes on.
   */
  async run(signal: AbortSignal): Promise<TrainOutcome> {
    await this.#hooks.call("beforeTrain", this.#event());
    while (this.finished === null && !signal.aborted) await this.#runEpoch(signal);
    const isStopped = this.finished === null;
    await this.#hooks.call("afterTrain", this.#event());
    await this.#saver.save();
    return {
      kind: isStopped ? "stopped" : "completed",
      reason: this.finished ?? "asked to stop",
      step: this.#step,
      epoch: this.#epoch,
    };
  }

  async #runEpoch(signal: AbortSignal): Promise<void> {
    if (this.#stepInEpoch === 0) await this.#hooks.call("beforeEpoch", this.#event());
    await this.#runSteps(signal);
    if (!this.#isEpochThrough() || signal.aborted) return;
    if (this.#isValidationDue() && !(await this.#validate(signal))) return;
    await this.#hooks.call("afterEpoch", this.#event());
    this.#epoch += 1;
    this.#stepInEpoch = 0;
    await this.#saver.saveIfAsked();
  }

  /** The epoch's steps that are left; returns early when training is to stop. */
  async #runSteps(signal: AbortSignal): Promise<void> {
    if (this.#isEpochThrough()) return;
    const from = this.#stepInEpoch * this.#config.batchesPerStep;
    const left = new AbortController();
    const epoch = this.#parts.training.epoch(this.#epoch, { from, signal: left.signal });
    const batches = epoch[Symbol.asyncIterator]();
    try {
      while (!this.#isEpochThrough() && this.#finished === null && !signal.aborted) {
        if (!(await this.#runStep(batches, signal))) return;
        // At the end of an epoch, what follows (validation, hooks) is part of the save.
        if (!this.#isEpochThrough()) await this.#saver.saveIfAsked();
        await new Promise((resolve) => setImmediate(resolve)); // signals, readers and timers run
      }
    } finally {
      left.abort(new Error("the steps of the epoch were left"));
      await batches.return?.();
    }
  }

  /** One optimizer step; false when asked to stop while it waited for its first batch. */
  async #runStep(batches: AsyncIterator<Batch>, signal: AbortSignal): Promise<boolean> {
    const { clip_grad } = this.#config;
    const { optimizer, schedule, recorder, clock, model } = this.#parts;
    const lr = schedule({ step: this.#step, epoch: this.#epoch });
    await this.#hooks.call("beforeStep", { ...this.#event(), lr });
    const found = await accumulate(this.#parts, batches, {
      numBatches: this.#numBatches(),
      clock,
      signal,
    });
    if (found === null) return false;
    const { loss, parts, sampleIds, skipped, data, suspect } = found;
    const gradNorm = clipGradients(model.parameters(), clip_grad);
    const report = { lr, loss, parts, gradNorm, sampleIds, data, suspect };
    await this.#hooks.call("afterBackward", { ...this.#event(), ...report });
    optimizer.step(lr);
    optimizer.zeroGrad();
    this.#step += 1;
    this.#stepInEpoch += 1;
    await failpoint("opt.afterStep");
    this.#noteSkipped(skipped);
    const scalars = { step_loss: loss, ...parts, grad_norm: gradNorm };
    recorder.putScalars(scalars, { scope: "step" });
    for (const [name, count] of [
      ["missing_chunks", data.missingChunks],
      ["unread_chunks", data.unreadChunks],
      ["read_retries", data.retries],
    ] as const) {
      if (count > 0) recorder.putScalar(name, count, { scope: "step", reduce: "sum" });
    }
    await this.#hooks.call("afterStep", { ...this.#event(), ...report });
    return true;
  }

  /** Batches of the step to come: an epoch's last step takes what is left of the epoch. */
  #numBatches(): number {
    const { batchesPerStep } = this.#config;
    const left = this.#parts.training.batchesPerEpoch - this.#stepInEpoch * batchesPerStep;
    return Math.max(1, Math.min(batchesPerStep, left));
  }

  /** False when asked to stop before it was through: nothing of it is recorded then. */
  async #validate(signal: AbortSignal): Promise<boolean> {
    const { validation, prepareValidation } = this.#parts;
    if (validation === null) return true;
    await this.#hooks.call("beforeValidation", this.#event());
    const metrics = await validate({
      ...this.#parts,
      source: validation,
      prepare: prepareValidation,
      maxBatches: this.#config.val_max_batches,
      signal,
    });
    if (metrics === null) return false;
    this.#parts.recorder.putScalars(metrics, { scope: "epoch" });
    await this.#hooks.call("afterValidation", { ...this.#event(), metrics });
    return true;
  }

  #isEpochThrough(): boolean {
    const { stepsPerEpoch, totalSteps } = this.#config;
    return this.#stepInEpoch >= stepsPerEpoch || this.#step >= totalSteps;
  }

  /** Every so many epochs, and after the last one, so that what training ends with is judged. */
  #isValidationDue(): boolean {
    const { val_begin, val_interval, totalSteps } = this.#config;
    const since = this.#epoch - val_begin;
    return since >= 0 && (since % val_interval === 0 || this.#step >= totalSteps);
  }

  #event(): HookContext & Progress {
    return {
      step: this.#step,
      epoch: this.#epoch,
      stepsPerEpoch: this.#config.stepsPerEpoch,
      totalSteps: this.#config.totalSteps,
      recorder: this.#parts.recorder,
      stop: (reason) => {
        this.#finished ??= reason;
      },
      save: (request = {}) => this.#saver.ask(request),
    };
  }

  #state(): TrainingState {
    const { optimizer, rng, recorder } = this.#parts;
    return {
      step: this.#step,
      epoch: this.#epoch,
      step_in_epoch: this.#stepInEpoch,
      optimizer_steps: optimizer.numSteps,
      rng: Buffer.from(rng.state()).toString("base64"),
      hooks: this.#hooks.saveState(),
      recorder: recorder.saveState(),
      finished: this.#finished,
    };
  }

  /**
   * Every sample that was drawn is trained, or is named here with the reason. The notes belong to the
   * step that is done, so that a run that goes on from before it does not have them twice.
   */
  #noteSkipped(skipped: SampleBatch["report"]["skipped"]): void {
    for (const { sampleId, reason } of skipped) {
      this.#parts.recorder.emit({
        kind: "note",
        step: this.#step,
        epoch: this.#epoch,
        level: "warning",
        code: "DATA_SKIPPED",
        message: `sample ${sampleId} was replaced by another: ${reason}`,
      });
    }
  }
}
