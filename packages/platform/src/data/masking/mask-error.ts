import { CellError } from "../../errors/index.ts";

/** No mask can be drawn: it would leave nothing to see, or nothing to predict. */
export class MaskError extends CellError {
  readonly code = "MASK";
  readonly hint: string;

  constructor(
    message: string,
    hint = "Make the input larger or the patches smaller (datasets.input_shape, datasets.patch_shape).",
  ) {
    super(message);
    this.hint = hint;
  }
}
