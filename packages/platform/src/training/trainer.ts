import { type Checkpoint, failpoint, loadTensorTable, tensorTable } from "../checkpoint/index.ts";
import type { RecorderState } from "../telemetry/index.ts";
import { accumulate } from "./accumulate.ts";
import type { SampleBatch } from "./batch-source.ts";
import { CheckpointSaver } from "./checkpoint-saver.ts";
import type { HookContext, Progress } from "./hook.ts";
import { HookList } from "./hook-list.ts";
import { noteData, noteSkipped } from "./note-data.ts";
import { clipGradients } from "./optimizers/clip-gradients.ts";
import {
  isEpochThrough,
  isValidationDue,
  numBatchesOfStep,
  type Position,
  type RunPlan,
} from "./run-plan.ts";
import type { TrainerParts } from "./trainer-parts.ts";
import { parseTrainingState, type TrainingState } from "./training-state.ts";
import { validate } from "./validate.ts";

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
  readonly #config: RunPlan;
  readonly #parts: TrainerParts<Batch, Ready>;
  readonly #hooks: HookList;
  readonly #saver: CheckpointSaver;
  #at: Position = { step: 0, epoch: 0, stepInEpoch: 0 };
  #finished: string | null = null;

  constructor(config: RunPlan, parts: TrainerParts<Batch, Ready>) {
    this.#config = config;
    this.#parts = parts;
    this.#hooks = new HookList(parts.hooks);
    this.#saver = new CheckpointSaver({
      ...parts,
      epoch: () => this.#at.epoch,
      checkpoint: () => ({
        step: this.#at.step,
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
    return this.#at.step;
  }

  get epoch(): number {
    return this.#at.epoch;
  }

  /** Whether a hook has ended the run, and not its length. */
  get isEndedByHook(): boolean {
    return this.#finished !== null;
  }

  /** Why there is nothing left to train; null when there is. */
  get finished(): string | null {
    const { totalSteps } = this.#config;
    const isThrough = this.#at.step >= totalSteps && this.#at.stepInEpoch === 0;
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
    const { step, epoch, step_in_epoch: stepInEpoch } = saved;
    this.#at = { step, epoch, stepInEpoch };
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
      step: this.#at.step,
      epoch: this.#at.epoch,
    };
  }

  async #runEpoch(signal: AbortSignal): Promise<void> {
    if (this.#at.stepInEpoch === 0) await this.#hooks.call("beforeEpoch", this.#event());
    await this.#runSteps(signal);
    if (!isEpochThrough(this.#config, this.#at) || signal.aborted) return;
    if (isValidationDue(this.#config, this.#at) && !(await this.#validate(signal))) return;
    await this.#hooks.call("afterEpoch", this.#event());
    const { step, epoch } = this.#at;
    this.#at = { step, epoch: epoch + 1, stepInEpoch: 0 };
    await this.#saver.saveIfAsked();
  }

  /** The epoch's steps that are left; returns early when training is to stop. */
  async #runSteps(signal: AbortSignal): Promise<void> {
    if (isEpochThrough(this.#config, this.#at)) return;
    const from = this.#at.stepInEpoch * this.#config.batchesPerStep;
    const left = new AbortController();
    const epoch = this.#parts.training.epoch(this.#at.epoch, { from, signal: left.signal });
    const batches = epoch[Symbol.asyncIterator]();
    try {
      while (
        !isEpochThrough(this.#config, this.#at) &&
        this.#finished === null &&
        !signal.aborted
      ) {
        if (!(await this.#runStep(batches, signal))) return;
        // At the end of an epoch, what follows (validation, hooks) is part of the save.
        if (!isEpochThrough(this.#config, this.#at)) await this.#saver.saveIfAsked();
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
    const { optimizer, schedule, recorder, clock, model, training } = this.#parts;
    const lr = schedule({ step: this.#at.step, epoch: this.#at.epoch });
    await this.#hooks.call("beforeStep", { ...this.#event(), lr });
    const found = await accumulate(this.#parts, batches, {
      numBatches: numBatchesOfStep(this.#config, this.#at, training.batchesPerEpoch),
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
    const { step, epoch, stepInEpoch } = this.#at;
    this.#at = { step: step + 1, epoch, stepInEpoch: stepInEpoch + 1 };
    await failpoint("opt.afterStep");
    const scalars = { step_loss: loss, ...parts, grad_norm: gradNorm };
    recorder.putScalars(scalars, { scope: "step" });
    noteData(recorder, { step: this.#at.step, epoch: this.#at.epoch, data, skipped });
    await this.#hooks.call("afterStep", { ...this.#event(), ...report });
    return true;
  }

  /** False when asked to stop before it was through: nothing of it is recorded then. */
  async #validate(signal: AbortSignal): Promise<boolean> {
    const { validation, prepareValidation } = this.#parts;
    if (validation === null) return true;
    await this.#hooks.call("beforeValidation", this.#event());
    const found = await validate({
      ...this.#parts,
      source: validation,
      prepare: prepareValidation,
      maxBatches: this.#config.val_max_batches,
      signal,
    });
    if (found === null) return false;
    const { metrics, skipped } = found;
    this.#parts.recorder.putScalars(metrics, { scope: "epoch" });
    const { step, epoch } = this.#at;
    noteSkipped(this.#parts.recorder, { step, epoch, skipped }, "was left out of the validation");
    await this.#hooks.call("afterValidation", { ...this.#event(), metrics });
    return true;
  }

  #event(): HookContext & Progress {
    return {
      step: this.#at.step,
      epoch: this.#at.epoch,
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
      step: this.#at.step,
      epoch: this.#at.epoch,
      step_in_epoch: this.#at.stepInEpoch,
      optimizer_steps: optimizer.numSteps,
      rng: Buffer.from(rng.state()).toString("base64"),
      hooks: this.#hooks.saveState(),
      recorder: recorder.saveState(),
      finished: this.#finished,
    };
  }
}
