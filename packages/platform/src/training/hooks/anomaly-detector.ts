import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { localDisk } from "../../checkpoint/index.ts";
import { CellError } from "../../errors/index.ts";
import { makeFolders, replaceFile } from "../../telemetry/index.ts";
import type { BatchSnapshot } from "../batch-snapshot.ts";
import type { Hook } from "../hook.ts";

/** The loss or the gradients of a step are not finite; the parameters are as they were before it. */
export class AnomalyError extends CellError {
  readonly code = "NUMERIC_ANOMALY";
  readonly hint =
    "Look at the samples in the report; lower optimizers.lr or clip_grad; or use quantization=float32.";

  /** @param step - the step that it happened in: in the log, the row that is not there. */
  constructor(
    what: string,
    {
      step,
      epoch,
      report,
      batch,
    }: Record<"step" | "epoch", number> & Record<"report" | "batch", string>,
  ) {
    super(
      `${what} in step ${step} (epoch ${epoch}); the samples of the step are in ${report}, the batch as the model saw it in ${batch}`,
    );
  }
}

/**
 * Stops training in the step in which the loss or the gradient's norm is NaN or infinite, before the
 * optimizer uses it, and writes down which samples were in the step, and the batch that it came of:
 * with the parameters of the last checkpoint it can be fed to the model again.
 *
 * @param folder - where `anomaly-step-N.json` and `anomaly-step-N.safetensors` go.
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
      const [report, batch] = ["json", "safetensors"].map((ending) =>
        join(folder, `anomaly-step-${step}.${ending}`),
      ) as [string, string];
      makeFolders(folder);
      const snapshot = event.suspect();
      const facts = { loss, gradNorm, parts, lr, step, epoch, sampleIds };
      const suspect = { ...snapshot.samples, tensors: basename(batch), leftOut: snapshot.leftOut };
      replaceFile(report, `${JSON.stringify({ ...facts, batch: suspect }, withNonFinite, 2)}\n`);
      const cause = await writeTensors(batch, snapshot);
      throw new AnomalyError(what, { step, epoch, report, batch: cause ?? batch });
    },
  };
}

/** What kept it from being written, as part of a sentence; null: nothing did. The anomaly came first. */
async function writeTensors(path: string, { tensors }: BatchSnapshot): Promise<string | null> {
  try {
    await rm(path, { force: true }); // of a run that went on from before, and came here again
    await localDisk.writeTensors(path, tensors);
    return null;
  } catch (error) {
    return `no file (${error instanceof Error ? error.message : String(error)})`;
  }
}

/** JSON has no NaN and no infinities: they are written as text. */
function withNonFinite(_: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
