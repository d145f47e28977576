import { CellError } from "../errors/index.ts";

/** A scalar's name cannot be a column. */
export class ScalarNameError extends CellError {
  readonly code = "EVENTS_NAME";
  readonly hint =
    "Use letters, digits and _ . / -, begin with a letter, and leave the reduction to `reduce`.";

  constructor(name: string) {
    super(
      `expected a scalar's name that can be a column and does not end in _median, _sum, _min or _max, got ${JSON.stringify(name)}`,
    );
  }
}

/** A log could not be written; it still ends with its last whole row. */
export class EventsWriteError extends CellError {
  readonly code = "EVENTS_WRITE";
  readonly hint = "Make room on the disk, or check the folder's permissions, and run again.";
  readonly path: string;

  constructor(path: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`could not write ${path}: ${reason}`, { cause });
    this.path = path;
  }
}

/** A line of a log, other than its last, is not what a log holds. */
export class EventsCorruptError extends CellError {
  readonly code = "EVENTS_CORRUPT";
  readonly hint =
    "Move the file away; the run goes on with a new one. The checkpoints are not touched.";
  readonly path: string;
  readonly line: number;

  constructor(path: string, line: number, reason: string) {
    super(`${path}:${line} is not a row of a log: ${reason}`);
    this.path = path;
    this.line = line;
  }
}

/** `run.json` is not what a run writes. */
export class RunFileError extends CellError {
  readonly code = "RUN_FILE";
  readonly hint = "Start the run in another folder (paths.outdir=...), or move run.json away.";

  constructor(path: string, reason: string) {
    super(`${path} does not describe a run: ${reason}`);
  }
}
