import { CellError } from "@cell-observatory/engine/errors";

/** What `cello` ends with. Scripts and schedulers act on it: 75 means "run me again". */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 74 | 75 | 130;

/**
 * The exit code of each family of error codes; a family is a code and all that begin with it and
 * an underscore. What is not here exits with 1.
 */
const families: Readonly<Record<string, ExitCode>> = {
  // 2: the command or its config is wrong; nothing was started
  CONFIG: 2,
  DATABASE_ADDRESS: 2,
  FAILPOINT_SYNTAX: 2,
  MASK: 2,
  PATCH_SHAPE: 2,
  ROPE_HEAD: 2,
  RUN_CONFIG: 2,
  SHAPE: 2,
  USAGE: 2,
  // 3: a file or what it holds is wrong
  CATALOGUE: 3,
  CHECKPOINT: 3,
  DATA: 3,
  DATABASE: 3,
  EVENTS: 3,
  IMAGE: 3,
  NGFF: 3,
  RUN: 3,
  SAFETENSORS: 3,
  STATE_DICT: 3,
  TIFF: 3,
  ZARR: 3,
  // 4: the machine lacks something
  ENGINE_ENVIRONMENT: 4,
  ENGINE_MISSING: 4,
  OUT_OF_MEMORY: 4,
  RUN_LOCKED: 4,
  SET_UP: 4,
  SYSTEM: 4,
  TORCH_VERSION: 4,
  // 5: the numbers went wrong
  NUMERIC: 5,
  // 74: the disk failed under a run; the last save stands
  CHECKPOINT_SAVE: 74,
  DISK_FULL: 74,
  EVENTS_WRITE: 74,
  // 75: asked to stop, and nothing is lost
  RUN_STOPPED: 75,
};

/** What the process ends with when `error` reached its end. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof CellError ? exitCodeOfCode(error.code) : 1;
}

/** As {@link exitCodeOf}, from the code alone; the longest family wins. */
export function exitCodeOfCode(code: string): ExitCode {
  const words = code.split("_");
  for (let length = words.length; length > 0; length--) {
    const exitCode = families[words.slice(0, length).join("_")];
    if (exitCode !== undefined) return exitCode;
  }
  return 1;
}
