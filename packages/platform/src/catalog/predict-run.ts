import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunConfig } from "../config/index.ts";
import {
  comparison,
  ErrorTally,
  Predictor,
  type ReconstructionErrors,
  saveOmeZarr,
  writeCurve,
} from "../inference/index.ts";
import { makeFolders, replaceFile, temporaryName } from "../telemetry/index.ts";
import { removeTemporaries } from "../training/index.ts";
import { isResized } from "./as-seen.ts";
import { errorUnit } from "./error-unit.ts";
import { predictionPicture } from "./prediction-picture.ts";
import { rebuildVolume } from "./rebuild-volume.ts";
import { MissingPartError, runnable } from "./runnable-config.ts";
import { changeOfData, heldOutSamples, type TrainedRunOptions, trainedRun } from "./trained-run.ts";
import type { TrainingParts } from "./training-parts.ts";

export interface PredictRunOptions extends TrainedRunOptions {
  /** An OME-Zarr image to rebuild; null: the one that the first held-out sample is of. */
  readonly image: string | null;
  /** The first frame; null: that of the held-out sample, or 0. */
  readonly frame: number | null;
}

export interface PredictRunResult {
  readonly step: number;
  readonly subject: string;
  /** Over the held-out samples, or over the image that was given. */
  readonly errors: ReconstructionErrors;
  /** What the errors are measured in, as part of a sentence. */
  readonly unit: string;
  readonly zarr: string;
  readonly picture: string;
  readonly report: string;
  /** The run's curve, drawn again with the errors of the simple guesses as levels. */
  readonly curve: string | null;
}

/**
 * Hides patches of a volume as in training, has the run's model rebuild them, and writes the volume
 * (OME-Zarr), a picture (PNG) and the errors (JSON) to the run's `inference.save_dir`.
 */
export async function predictRun(options: PredictRunOptions): Promise<PredictRunResult> {
  const { signal } = options;
  const config = runnable({ ...options.config, job_type: "predict" });
  const { trained, parts, checkpoint } = await trainedRun({ ...options, config });
  checkVoxels(trained);
  const predictor = (prepare: TrainingParts["data"]["prepareSeen"]) => {
    const { model, device } = parts;
    return new Predictor({ model, prepare, precision: parts.config.quantization, device });
  };
  const { prepareSeen, prepareValidation, validation } = parts.data;
  const rebuilt = await rebuildVolume(parts, predictor(prepareSeen), options);
  const isHeldOut = options.image === null && validation !== null;
  const errors = isHeldOut
    ? await heldOutErrors(parts, predictor(prepareValidation), signal)
    : rebuilt.errors;
  const { save_dir } = config.inference;
  makeFolders(save_dir);
  await removeTemporaries([save_dir]);
  const [zarr, picture, report] = ["ome.zarr", "png", "json"].map((ending) =>
    join(save_dir, `prediction.${ending}`),
  ) as [string, string, string];
  const title = `${trained.experiment_name}, step ${checkpoint.step}`;
  const { volume, voxelSize } = rebuilt;
  await saveOmeZarr(volume, { path: zarr, voxelSize, name: title, ...config.inference });
  const samples = isHeldOut ? heldOutSamples(checkpoint.state, parts) : "samples of this image";
  const { norm_targets } = parts.config.models.meta_arch.mae;
  const scope = norm_targets
    ? `${samples} (the model is told the mean and deviation of each hidden patch)`
    : samples;
  const unit = errorUnit(trained.datasets.preprocessor);
  const drawn = temporaryName(picture);
  await writeFile(drawn, predictionPicture(rebuilt, { title, errors, unit, scope, trained }));
  await rename(drawn, picture); // the picture that was there stays whole until this one is
  // The loss of normalised targets is in other units than the errors of the simple guesses.
  const isAsValidated = isHeldOut && changeOfData(checkpoint.state, parts) === null;
  const curve = isAsValidated && !norm_targets ? await curveWithLevels(config, errors) : null;
  const facts = {
    step: checkpoint.step,
    image: rebuilt.image,
    ...rebuilt.place,
    not_measured: volume.numNotMeasured,
    scope,
    errors,
    unit,
  };
  replaceFile(report, `${JSON.stringify(facts, null, 2)}\n`);
  return { step: checkpoint.step, subject: scope, errors, unit, zarr, picture, report, curve };
}

/** A volume has the voxels of its image; crops of a sample are voxels of it. */
function checkVoxels(trained: RunConfig): void {
  if (!isResized(trained)) return;
  const { input_shape, train_shape = input_shape } = trained.datasets;
  const sizes = `${input_shape.join(" x ")} to ${train_shape.join(" x ")}`;
  throw new MissingPartError([
    `datasets.train_shape: the run resizes what is read (${sizes}), and a volume is rebuilt in the voxels of its image; cello eval measures the run`,
  ]);
}

/** The figures as a reader wants them. */
export function errorLines({
  errors,
  subject,
  unit,
}: Pick<PredictRunResult, "errors" | "subject" | "unit">): readonly string[] {
  const { model, visibleMean, interpolation, numSamples } = errors;
  const row = (name: string, error: number, remark = "") =>
    `  ${name.padEnd(28)}${error.toFixed(4)}${remark}`;
  return [
    `Mean squared error on hidden voxels of ${numSamples} ${subject} (${unit}):`,
    row(
      "model",
      model,
      `   ${comparison(model, visibleMean)} the visible mean's, ${comparison(model, interpolation)} interpolation's`,
    ),
    row("interpolation from visible", interpolation),
    row("mean of visible voxels", visibleMean),
  ];
}

/** The held-out samples and their masks are those of the validation, so their errors are levels in it. */
async function curveWithLevels(
  { loggers, paths, experiment_name }: RunConfig,
  { visibleMean, interpolation }: ReconstructionErrors,
): Promise<string | null> {
  return await writeCurve({
    events: join(loggers.logdir, "events.jsonl"),
    target: join(paths.outdir, "curve.png"),
    title: experiment_name,
    levels: [
      { label: "mean of visible voxels", loss: visibleMean },
      { label: "interpolation", loss: interpolation },
    ],
  });
}

/** Over the samples of a validation: `val_max_batches` of them at most. */
async function heldOutErrors(
  { config, data }: TrainingParts,
  predictor: Predictor,
  signal: AbortSignal,
) {
  const tally = new ErrorTally();
  let numBatches = 0;
  for await (const batch of data.validation?.epoch(0, { signal }) ?? []) {
    for (const sample of predictor.guess(batch)) tally.add(sample);
    numBatches += 1;
    if (numBatches === config.evaluation.val_max_batches) break;
  }
  return tally.errors;
}
