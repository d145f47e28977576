import { join } from "node:path";
import { noGrad } from "@cell-observatory/engine";
import { CellError } from "../errors/index.ts";
import { ErrorTally, Predictor, type ReconstructionErrors } from "../inference/index.ts";
import { replaceFile } from "../telemetry/index.ts";
import { forwardOnly } from "../training/index.ts";
import { errorUnit } from "./error-unit.ts";
import { runnable } from "./runnable-config.ts";
import { heldOutSamples, type TrainedRunOptions, trainedRun } from "./trained-run.ts";

/** The run kept no samples back, so there is nothing to measure it on. */
export class NoHeldOutError extends CellError {
  readonly code = "RUN_HELD_OUT";
  readonly hint =
    "Train with datasets.split above 0, or measure it on another image: cello predict --image FOLDER.";

  constructor(folder: string) {
    super(`the run in ${folder} was trained on all of its samples; none was held out`);
  }
}

export interface EvaluateRunResult {
  readonly step: number;
  readonly numSamples: number;
  /** As a validation has them: `val_step_loss`, and `val_NAME` for each part of the loss. */
  readonly losses: Readonly<Record<string, number>>;
  readonly errors: ReconstructionErrors;
  /** What the errors are measured in, as part of a sentence. */
  readonly unit: string;
  /** What was measured: "held-out samples", and a remark where the data have changed. */
  readonly subject: string;
  /** The file that holds all this. */
  readonly report: string;
}

/** Measures a trained run on its held-out samples, and writes the figures to its folder. */
export async function evaluateRun(options: TrainedRunOptions): Promise<EvaluateRunResult> {
  const { signal } = options;
  const config = runnable({ ...options.config, job_type: "train" });
  const { folder, parts, checkpoint } = await trainedRun({ ...options, config });
  const { model, data, device } = parts;
  const { validation, prepareValidation: prepare } = data;
  if (validation === null) throw new NoHeldOutError(folder);
  const precision = parts.config.quantization;
  const predictor = new Predictor({ model, prepare, precision, device });
  const tally = new ErrorTally();
  const sums = new Map<string, number>();
  let [numSamples, numBatches] = [0, 0];
  model.eval();
  for await (const batch of validation.epoch(0, { signal })) {
    const report = noGrad(() => forwardOnly({ model, prepare, precision, device }, batch));
    const counted = batch.rowIsValid.filter((isValid) => isValid).length;
    for (const [name, value] of Object.entries({ step_loss: report.loss, ...report.parts })) {
      const part = counted === 0 ? 0 : counted * value; // a mean over no samples is no number
      sums.set(name, (sums.get(name) ?? 0) + part);
    }
    predictor.guess(batch).forEach((sample, row) => {
      if (batch.rowIsValid[row]) tally.add(sample);
    });
    numSamples += counted;
    numBatches += 1;
    if (numBatches === parts.config.evaluation.val_max_batches) break;
    await new Promise((resolve) => setImmediate(resolve)); // signals, readers and timers run
  }
  const losses = Object.fromEntries(
    [...sums].map(([name, sum]) => [`val_${name}`, sum / numSamples]),
  );
  const report = join(folder, "evaluation.json");
  const { errors } = tally;
  const { step } = checkpoint;
  const unit = errorUnit(parts.config.datasets.preprocessor);
  const subject = heldOutSamples(checkpoint.state, parts);
  const facts = { step, num_samples: numSamples, subject, losses, errors, unit };
  replaceFile(report, `${JSON.stringify(facts, null, 2)}\n`);
  return { step, numSamples, losses, errors, unit, subject, report };
}
