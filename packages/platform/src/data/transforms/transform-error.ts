import { CellError } from "../../errors/index.ts";

/** What is asked of a transform or a preprocessor cannot be done with what the config gives it. */
export class TransformError extends CellError {
  readonly code = "TRANSFORM";
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}
