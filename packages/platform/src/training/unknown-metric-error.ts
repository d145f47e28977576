import { CellError } from "../errors/index.ts";

/** A hook was told to watch a metric that nothing records. */
export class UnknownMetricError extends CellError {
  readonly code = "CONFIG_METRIC";
  readonly hint = "Name one of the recorded metrics; evaluation.val_metric is where it is set.";

  constructor(hook: string, metric: string, have: readonly string[]) {
    super(`${hook} watches metric "${metric}", expected one of ${have.join(", ")}`);
  }
}
