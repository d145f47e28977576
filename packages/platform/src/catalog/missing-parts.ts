import type { RunConfig } from "../config/index.ts";
import { ofData } from "./missing-parts/of-data.ts";
import { ofPrediction } from "./missing-parts/of-prediction.ts";
import { ofPretraining } from "./missing-parts/of-pretraining.ts";
import { ofMachines, ofRun } from "./missing-parts/of-run.ts";
import { ofHooks, ofModel, ofTraining } from "./missing-parts/of-training.ts";
import type { Row } from "./missing-parts/row.ts";

/**
 * What a config asks for and nothing here does, a sentence each: the schemas know the whole
 * platform, `components` what of it is built.
 */
export function missingParts(config: RunConfig): readonly string[] {
  return sentences([
    ...ofRun(config),
    ...ofMachines(config),
    ...ofData(config),
    ...ofPretraining(config),
    ...ofModel(config),
    ...ofTraining(config),
    ...ofHooks(config),
    ...(config.job_type === "predict" ? ofPrediction(config) : []),
  ]);
}

/** The same of its data alone, whatever model they are for. */
export function missingData(config: RunConfig): readonly string[] {
  return sentences(ofData(config));
}

function sentences(rows: readonly Row[]): readonly string[] {
  return rows.flatMap(([key, isAsked, sentence]) => (isAsked ? [`${key}: ${sentence}`] : []));
}
