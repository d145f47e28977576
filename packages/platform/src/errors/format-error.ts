import { CellError } from "@cell-observatory/engine/errors";

/**
 * An error as the terminal shows it: `CODE: message`, then the hint; the stack, and those of its
 * causes, only when asked for.
 */
export function formatError(error: unknown, { withStack = false } = {}): string {
  const lines = error instanceof CellError ? known(error) : unknown(error);
  if (withStack) lines.push("", ...stacks(error));
  else if (!(error instanceof CellError)) {
    lines.push("hint:  this is a fault of the program; --trace shows where it happened");
  }
  return lines.join("\n");
}

function known({ code, message, hint }: CellError): string[] {
  return [`${code}: ${message}`, `hint:  ${hint}`];
}

function unknown(error: unknown): string[] {
  return [`UNEXPECTED: ${error instanceof Error ? error.message : String(error)}`];
}

function stacks(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const own = error.stack ?? error.message;
  return error.cause === undefined ? [own] : [own, "caused by:", ...stacks(error.cause)];
}
