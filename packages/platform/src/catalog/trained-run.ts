import { join } from "node:path";
import { CheckpointStore, loadTensorTable, NoCheckpointError } from "../checkpoint/index.ts";
import type { RunConfig } from "../config/index.ts";
import { CellError } from "../errors/index.ts";
import { dataDifference, keptDataOf, readRunConfig } from "../training/index.ts";
import { dataOfRun } from "./data-of-run.ts";
import { type TrainingParts, trainingParts } from "./training-parts.ts";

/** There is no trained run where the config says. */
export class NoRunError extends CellError {
  readonly code = "RUN_NONE";
  readonly hint: string;

  constructor(folder: string, configName: string) {
    super(`expected a trained run in ${folder}, but it holds no config.json`);
    this.hint = `Train it first: cello train --config-name=${configName}`;
  }
}

export interface TrainedRunOptions {
  /** Says where the run is; the run's own config says what the model is. */
  readonly config: RunConfig;
  readonly configName: string;
  /** "best", "latest", or a step; null: the best, or else the latest. */
  readonly checkpoint: "best" | "latest" | number | null;
  readonly signal: AbortSignal;
  /** A remark for the reader. */
  note(text: string): void;
}

/** A run that was trained, with the weights of one of its checkpoints. */
export interface TrainedRun {
  readonly folder: string;
  /** The config that it was trained with. */
  readonly trained: RunConfig;
  readonly checkpoint: Awaited<ReturnType<typeof loadCheckpoint>>;
  readonly parts: TrainingParts;
}

/** @throws {@link NoRunError} when nothing was trained where the config says. */
export async function trainedRun(options: TrainedRunOptions): Promise<TrainedRun> {
  const { config, configName, signal, note: say } = options;
  const folder = config.paths.outdir;
  const trained = await readRunConfig(folder);
  if (trained === null) throw new NoRunError(folder, configName);
  const checkpoint = await loadCheckpoint(join(folder, "checkpoints"), options.checkpoint);
  const parts = await trainingParts(onThisMachine(trained, config), signal, { say });
  loadTensorTable(parts.model.stateDict(), checkpoint.model);
  return { folder, trained, checkpoint, parts };
}

/** The model and the data as they were trained, where this config says that they now are. */
function onThisMachine(trained: RunConfig, { trainer, datasets }: RunConfig): RunConfig {
  const { device, num_threads } = trainer;
  const { catalogue_path, server_folder_path } = datasets.databases;
  const databases = { ...trained.datasets.databases, catalogue_path, server_folder_path };
  const loader = { ...trained.datasets.loader, num_threads: datasets.loader.num_threads };
  return {
    ...trained,
    trainer: { ...trained.trainer, device, num_threads },
    datasets: { ...trained.datasets, databases, loader },
  };
}

/** How the data now differ from those that were trained on; null: not at all, as far as is known. */
export function changeOfData(state: unknown, parts: TrainingParts): string | null {
  const kept = keptDataOf(state);
  return kept === null ? null : dataDifference(kept, dataOfRun(parts));
}

/** What the held-out samples are called: where the catalogue has changed, some may have been trained on. */
export function heldOutSamples(state: unknown, parts: TrainingParts): string {
  const change = changeOfData(state, parts);
  const remark = change === null ? "" : ` of other data than it was trained on (${change})`;
  return `held-out samples${remark}`;
}

async function loadCheckpoint(folder: string, which: TrainedRunOptions["checkpoint"]) {
  const store = new CheckpointStore({ folder, keep: { keep_last: 2, keep_every: null } });
  if (which !== null) return await store.load(which);
  try {
    return await store.load("best");
  } catch (error) {
    if (error instanceof NoCheckpointError) return await store.load("latest");
    throw error;
  }
}
