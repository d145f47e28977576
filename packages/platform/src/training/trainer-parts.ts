import type { Generator } from "@cell-observatory/engine";
import type { CheckpointStore } from "../checkpoint/index.ts";
import type { Clock, EventRecorder } from "../telemetry/index.ts";
import type { BatchSource, SampleBatch } from "./batch-source.ts";
import type { Hook } from "./hook.ts";
import type { Optimizer } from "./optimizers/optimizer.ts";
import type { Schedule } from "./schedulers/schedule.ts";
import type { ForwardParts } from "./train-step.ts";

/** What a trainer is put together from. */
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
