import { availableParallelism } from "node:os";
import { join } from "node:path";
import { threads } from "@cell-observatory/zarr";
import { type CheckpointStore, failpoint, openCheckpoints } from "../checkpoint/index.ts";
import type { RunConfig } from "../config/index.ts";
import { CellError } from "../errors/index.ts";
import { writeCurve } from "../inference/index.ts";
import { type Clock, createProgress, EventRecorder, type Progress } from "../telemetry/index.ts";
import {
  dataAdviser,
  dataKeeper,
  type Hook,
  liveLine,
  openRunFolder,
  positionOf,
  type RunFolder,
  type TrainOutcome,
} from "../training/index.ts";
import { codeAndMessage } from "./code-and-message.ts";
import { dataOfRun } from "./data-of-run.ts";
import { howToGoOn } from "./how-to-go-on.ts";
import { saveRowsOfRun } from "./rows-of-run.ts";
import { trainInSession } from "./train-in-session.ts";
import { buildTrainer, type TrainingParts, trainingParts } from "./training-parts.ts";
import { writersOfRun } from "./writers-of-run.ts";

/** A run was asked to stop before it had begun: there is nothing to save, and nothing is lost. */
export class RunStoppedError extends CellError {
  readonly code = "RUN_STOPPED";
  readonly hint = "Nothing is lost: the same command begins, or goes on, from where the run is.";

  constructor(cause: unknown) {
    const reason = cause instanceof Error ? cause.message : "asked to stop";
    super(`${reason}, before the data were found`, { cause });
  }
}

export interface TrainRunOptions {
  readonly config: RunConfig;
  /** The overrides that the config was composed with, as typed. */
  readonly overrides: readonly string[];
  /** Starts over; a run that is there is kept under another name. */
  readonly isFresh: boolean;
  /** Goes on with data that have changed since they were trained on. */
  readonly acceptsNewData?: boolean;
  /** Program and arguments, for run.json. */
  readonly command: readonly string[];
  /** Aborted to ask for a stop: the step in hand is finished, and the run saved. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Where the live line goes. */
  readonly stream: NodeJS.WriteStream;
  /** A remark for the reader, above the live line. */
  note(text: string): void;
}

export interface TrainRunResult extends TrainOutcome {
  readonly folder: string;
  /** Steps that were done before this process. */
  readonly fromStep: number;
  /** The step of the checkpoint `best`. */
  readonly bestStep: number | null;
  readonly curve: string | null;
  /** How a run that is finished can be made to go on. */
  readonly advice: string;
}

/**
 * Trains the run of a config in its folder: begins it, or goes on where it stopped. The same command
 * does both, and a run that was killed at any moment ends as one that was not.
 */
export async function trainRun(options: TrainRunOptions): Promise<TrainRunResult> {
  // What the loader tells while the run goes on stands above the live line, once there is one.
  const voice = { say: (line: string) => options.note(line) };
  const parts = await partsUnlessStopped(options, voice); // a wrong config makes no folder
  const folder = await openRunFolder(options);
  try {
    if (folder.movedTo !== null) options.note(`the earlier run is kept as ${folder.movedTo}`);
    return await trainIn(folder, parts, { ...options, voice });
  } finally {
    await folder.lock.release();
  }
}

/** @throws {@link RunStoppedError} when a stop is asked for meanwhile: finding data may take long. */
async function partsUnlessStopped(
  { config, signal, acceptsNewData: asksAnew = false }: TrainRunOptions,
  voice: Voice,
): Promise<TrainingParts> {
  await failpoint("run.beforeData");
  try {
    return await trainingParts(config, signal, { say: (line) => voice.say(line), asksAnew });
  } catch (error) {
    throw signal.aborted && error === signal.reason ? new RunStoppedError(error) : error;
  }
}

/** Who a part of the run talks to, while it goes on. */
interface Voice {
  say(line: string): void;
}

async function trainIn(
  { path, begin }: RunFolder,
  parts: TrainingParts,
  options: TrainRunOptions & { readonly voice: Voice },
): Promise<TrainRunResult> {
  const { config, clock, note } = options;
  const { store, checkpoint } = await openCheckpoints({
    folder: join(path, "checkpoints"),
    keep: config.checkpoint,
    note,
  });
  const resumeAt = checkpoint === null ? { step: 0, epoch: 0 } : positionOf(checkpoint.state);
  const fromStep = resumeAt.step;
  const recorder = new EventRecorder({
    writers: [], // the log is as it was until the checkpoint is accepted
    clock,
    logEverySteps: config.loggers.log_every_steps,
  });
  const progress = createProgress({
    stream: options.stream,
    clock,
    intervalS: config.loggers.progress_interval_s,
    fromStep,
  });
  options.voice.say = (line) => progress.say(line);
  try {
    const keeper = dataKeeper({
      data: dataOfRun(parts),
      acceptsNew: options.acceptsNewData ?? false,
      note,
    });
    const hooks = [keeper, liveLine(progress), adviser(config, { clock, progress })];
    const trainer = buildTrainer(parts, { recorder, store, clock, hooks });
    if (checkpoint !== null) trainer.restore(checkpoint);
    await begin();
    const begins = fromStep === 0 && !parts.data.areRowsSaved; // what an earlier try saved is not its own
    const isNew = begins || (options.acceptsNewData ?? false);
    await saveRowsOfRun(parts.config, parts.data.table, { clock, isNew });
    recorder.addWriters(writersOfRun(config.loggers, { resumeAt, note }));
    const before = { step: fromStep, epoch: trainer.epoch };
    if (trainer.finished !== null) {
      const outcome = { kind: "completed", reason: trainer.finished, ...before } as const;
      return await resultOf(outcome, { path, fromStep, config, store, note, parts, trainer });
    }
    if (fromStep > 0) note(`going on from step ${fromStep} of ${parts.length.totalSteps}`);
    const outcome = await trainInSession({
      ...options,
      path,
      device: parts.device,
      fromStep,
      trainer,
      recorder,
    });
    progress.close();
    return await resultOf(outcome, { path, fromStep, config, store, note, parts, trainer });
  } finally {
    progress.close();
    recorder.close();
  }
}

/** Says which setting to change when steps wait for their data. */
function adviser(
  { datasets: { loader } }: RunConfig,
  { clock, progress }: { readonly clock: Clock; readonly progress: Progress },
): Hook {
  const { read_ahead, num_slots, num_threads, cache_bytes, locality } = loader;
  const machine = { numCores: availableParallelism(), numThreads: threads() };
  const config = { read_ahead, num_slots, num_threads, cache_bytes, locality, ...machine };
  return dataAdviser({ config, clock, say: (line) => progress.say(line) });
}

interface ResultParts extends Pick<TrainRunOptions, "note"> {
  readonly path: string;
  readonly fromStep: number;
  readonly config: RunConfig;
  readonly store: CheckpointStore;
  readonly parts: Pick<TrainingParts, "length">;
  readonly trainer: { readonly isEndedByHook: boolean };
}

/** The run is over and saved: a curve that cannot be drawn does not make it another. */
async function resultOf(
  outcome: TrainOutcome,
  { path, fromStep, config, store, note, parts, trainer }: ResultParts,
): Promise<TrainRunResult> {
  const curve = await writeCurve({
    events: join(config.loggers.logdir, "events.jsonl"),
    target: join(path, "curve.png"),
    title: config.experiment_name,
  }).catch((error: unknown) => {
    note(`the curve could not be drawn: ${codeAndMessage(error).message}`);
    return null;
  });
  const ended = { step: outcome.step, isByHook: trainer.isEndedByHook };
  const advice = howToGoOn(config, parts.length, ended);
  return {
    ...outcome,
    folder: path,
    fromStep,
    bestStep: await store.pointed("best"),
    curve,
    advice,
  };
}
