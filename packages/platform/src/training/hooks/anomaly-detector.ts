import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CellError } from "../../errors/index.ts";
import type { Hook } from "../hook.ts";

/** The loss or the gradients of a step are not finite; the parameters are as they were before it. */
export class AnomalyError extends CellError {
  readonly code = "NUMERIC_ANOMALY";
  readonly hint =
    "Look at the samples in the report; lower optimizers.lr or clip_grad; or use quantization=float32.";

  /** @param step - the step that it happened in: in the log, the row that is not there. */
  constructor(
    what: string,
    { step, epoch, report }: Record<"step" | "epoch", number> & { report: string },
  ) {
    super(`${what} in step ${step} (epoch ${epoch}); the samples of the step are in ${report}`);
  }
}

/**
 * Stops training in the step in which the loss or the gradient's norm is NaN or infinite, before the
 * optimizer uses it, and writes down which samples were in the batch.
 *
 * @param folder - where the report goes, as `anomaly-step-N.json`.
 */
export function anomalyDetector({ folder }: { readonly folder: string }): Hook {
  return {
    name: "anomaly_detector",
    priority: "very-high",
    async afterBackward(event) {
      const { loss, gradNorm, parts, lr, epoch, sampleIds } = event;
      const step = event.step + 1; // events count the steps that are done
      if (Number.isFinite(loss) && Number.isFinite(gradNorm)) return;
      const what = Number.isFinite(loss)
        ? `the norm of the gradients is ${gradNorm}`
        : `the loss is ${loss}`;
      const report = join(folder, `anomaly-step-${step}.json`);
      await mkdir(folder, { recursive: true });
      const facts = { loss, gradNorm, parts, lr, step, epoch, sampleIds };
      await writeFile(report, `${JSON.stringify(facts, withNonFinite, 2)}\n`);
      throw new AnomalyError(what, { step, epoch, report });
    },
  };
}

/** JSON has no NaN and no infinities: they are written as text. */
function withNonFinite(_: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
