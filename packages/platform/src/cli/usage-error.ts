import { CellError } from "../errors/index.ts";

/** The command line is not one that `cello` has: a wrong verb, flag or operand. */
export class UsageError extends CellError {
  readonly code = "USAGE";
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}
