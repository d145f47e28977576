import { CellError, explained } from "../errors/index.ts";

/** What is said of anything that was thrown. */
export function codeAndMessage(thrown: unknown): {
  readonly code: string;
  readonly message: string;
} {
  const error = explained(thrown);
  const code = error instanceof CellError ? error.code : "UNEXPECTED";
  return { code, message: error instanceof Error ? error.message : String(error) };
}
