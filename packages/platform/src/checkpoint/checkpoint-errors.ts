import { CellError } from "../errors/index.ts";

/** A checkpoint is not what its manifest says: a file is missing, truncated or altered. */
export class CorruptCheckpointError extends CellError {
  readonly code = "CHECKPOINT_CORRUPT";
  readonly hint =
    "Training continues from the newest whole checkpoint by itself; to predict, name another: --checkpoint best.";
  readonly path: string;

  constructor(path: string, reason: string, cause?: unknown) {
    super(`checkpoint ${path} is damaged: ${reason}`, { cause });
    this.path = path;
  }
}

/** A run has checkpoints, but every one of them is damaged. */
export class NoWholeCheckpointError extends CellError {
  readonly code = "CHECKPOINT_NONE_WHOLE";
  readonly hint =
    "Bring a checkpoint back from a copy, or start over with --fresh (the run is kept under another name).";

  constructor(folder: string, newest: CorruptCheckpointError) {
    super(`no checkpoint in ${folder} is whole; of the newest: ${newest.message}`, {
      cause: newest,
    });
  }
}

/** No checkpoint of the name asked for is there. */
export class NoCheckpointError extends CellError {
  readonly code = "CHECKPOINT_NONE";
  readonly hint = "Train first (cello train), or give the folder of another run.";

  constructor(folder: string, wanted: string, have: readonly string[]) {
    const there = have.length === 0 ? "there is none" : `there are ${have.join(", ")}`;
    super(`expected checkpoint "${wanted}" in ${folder}, but ${there}`);
  }
}

/** A checkpoint could not be written; what was there before is untouched. */
export class CheckpointSaveError extends CellError {
  readonly code = "CHECKPOINT_SAVE";
  readonly hint = "Free space on that disk; earlier checkpoints are untouched.";
  readonly step: number;

  constructor(folder: string, step: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`the checkpoint of step ${step} could not be written to ${folder}: ${reason}`, { cause });
    this.step = step;
  }
}

/** The state to be saved has a number that JSON lacks, so that it would not read back as it was. */
export class CheckpointNumberError extends CellError {
  readonly code = "CHECKPOINT_NUMBER";
  readonly hint =
    "Who keeps this state has to keep null or text in its place; earlier checkpoints are untouched.";

  constructor(place: string, number: number) {
    super(`expected finite numbers in the state of a checkpoint, got ${number} at ${place}`);
  }
}
