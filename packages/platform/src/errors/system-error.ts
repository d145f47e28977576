import { CellError } from "@cell-observatory/engine/errors";

/** The disk has no room left for what was to be written. */
class DiskFullError extends CellError {
  readonly code = "DISK_FULL";
  readonly hint = "Make room, and run the same command again.";
}

/** The operating system refused something, for a reason outside of the program. */
class SystemError extends CellError {
  readonly code = "SYSTEM";
  readonly hint =
    "Check that the path is right, and that you may use it; then run the command again.";
}

/**
 * An error of the operating system that nobody has put into words yet, as one of ours; any other
 * error as it is.
 */
export function explained(error: unknown): unknown {
  if (!isOfTheSystem(error)) return error;
  const { code, syscall, path } = error;
  const what = path === undefined ? syscall : `${syscall} of ${path}`;
  const why = error.message.replace(/^[A-Z0-9]+: /, "").replace(/, \w+( '.*')?$/, "");
  const message = `the system refused ${what}: ${why} (${code})`;
  const isFull = code === "ENOSPC" || code === "EDQUOT";
  return new (isFull ? DiskFullError : SystemError)(message, { cause: error });
}

interface OfTheSystem extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly path?: string;
}

function isOfTheSystem(error: unknown): error is OfTheSystem {
  return (
    error instanceof Error && !(error instanceof CellError) && "syscall" in error && "code" in error
  );
}
