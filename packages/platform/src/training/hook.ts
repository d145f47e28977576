import type { EventRecorder, Scalars } from "../telemetry/index.ts";
import type { BatchSnapshot } from "./batch-snapshot.ts";
import type { StepData } from "./step-data.ts";

/** Hooks of a higher priority see an event first; within one priority the list's order holds. */
export type Priority = "very-high" | "high" | "medium" | "low" | "very-low";

export interface SaveRequest {
  /** Whether the checkpoint is to be named `best`. */
  readonly isBest?: boolean;
  /** Called when it could not be written; training goes on. */
  readonly ifFailed?: () => void;
}

/** What a hook may do at any point. It never holds the trainer. */
export interface HookContext {
  readonly recorder: EventRecorder;
  /** Ends training after this step or epoch; the run is saved first. */
  stop(reason: string): void;
  /** Asks for a checkpoint. It is written once all hooks have seen this event, so it holds them all. */
  save(request?: SaveRequest): void;
}

/** Where the run is. `step` counts optimizer steps done, `epoch` is the one that runs, from 0. */
export interface Progress {
  readonly step: number;
  readonly epoch: number;
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
}

export interface TrainEvent extends HookContext, Progress {}
export interface EpochEvent extends HookContext, Progress {}
export interface BeforeStepEvent extends HookContext, Progress {
  readonly lr: number;
}
export interface StepEvent extends BeforeStepEvent {
  /** Which samples the step saw, as the catalogue names them. */
  readonly sampleIds: readonly string[];
  /** Mean over the step's samples. */
  readonly loss: number;
  readonly parts: Scalars;
  /** L2 norm of all gradients together, before clipping. */
  readonly gradNorm: number;
  /** What it took to get the step's batches. */
  readonly data: Readonly<StepData>;
  /**
   * The step's first batch whose loss is not finite, or else its last one. Valid until the event is
   * over; costly, so for reports.
   */
  suspect(): BatchSnapshot;
}
export interface ValidationEvent extends HookContext, Progress {
  /** Means over the validation samples, with the prefix `val_`. */
  readonly metrics: Scalars;
}

/**
 * Something that happens beside the training step: it receives events, may put scalars into the
 * recorder, ask for a save or a stop, and keeps plain data of its own through a checkpoint.
 *
 *     beforeTrain (beforeEpoch (beforeStep afterBackward afterStep)* beforeValidation
 *       afterValidation afterEpoch)* afterTrain
 */
export interface Hook<State = unknown> {
  /** Unique in a run: its state is saved under it. */
  readonly name: string;
  /** "medium" unless told. */
  readonly priority?: Priority;
  beforeTrain?(event: TrainEvent): void | Promise<void>;
  beforeEpoch?(event: EpochEvent): void | Promise<void>;
  beforeStep?(event: BeforeStepEvent): void | Promise<void>;
  /** Gradients are there, not yet clipped or used. An error here leaves the parameters as they were. */
  afterBackward?(event: StepEvent): void | Promise<void>;
  afterStep?(event: StepEvent): void | Promise<void>;
  beforeValidation?(event: EpochEvent): void | Promise<void>;
  afterValidation?(event: ValidationEvent): void | Promise<void>;
  afterEpoch?(event: EpochEvent): void | Promise<void>;
  afterTrain?(event: TrainEvent): void | Promise<void>;
  saveState?(): State;
  loadState?(saved: State): void;
  /**
   * Why training is over, as far as this hook's state says; null: it is not. Asked when a run that
   * was stopped for good is started again: a stop that no hook stands by any more, since the config
   * has changed, is none.
   */
  verdict?(): string | null;
}
