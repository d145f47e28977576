import type { RunConfig } from "../config/index.ts";
import { ofData } from "./missing-parts/of-data.ts";
import { ofPrediction } from "./missing-parts/of-prediction.ts";
import { ofMachines, ofRun } from "./missing-parts/of-run.ts";
import { ofHooks, ofModel, ofTraining } from "./missing-parts/of-training.ts";

/**
 * What a config asks for and nothing here does, a sentence each: the schemas know the whole
 * platform, `components` what of it is built.
 */
export function missingParts(config: RunConfig): readonly string[] {
  return [
    ...ofRun(config),
    ...ofMachines(config),
    ...ofData(config),
    ...ofModel(config),
    ...ofTraining(config),
    ...ofHooks(config),
    ...(config.job_type === "predict" ? ofPrediction(config) : []),
  ].flatMap(([key, isAsked, sentence]) => (isAsked ? [`${key}: ${sentence}`] : []));
}
