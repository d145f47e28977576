import { join } from "node:path";
import type { DatasetsConfig } from "./datasets.ts";
import { InferenceConfig } from "./inference.ts";
import type { RunKeys } from "./run-keys.ts";
import { sameKeys } from "./same-keys.ts";
import { type SchedulersConfig, updateTypeOf } from "./schedulers.ts";
import { isGiven, valueAt, withValueAt } from "./value-at.ts";

/** A run whose keys are all where the program reads them. */
export interface SettledRun extends Omit<RunKeys, "datasets" | "inference" | "schedulers"> {
  readonly schedulers: RunKeys["schedulers"] & Pick<SchedulersConfig, "update_type">;
  readonly datasets: DatasetsConfig;
  readonly inference: InferenceConfig;
}

/** Brings each value that was written in the other of two places to where it is read. */
export function settle(written: RunKeys): SettledRun {
  const run = sameKeys.reduce((run, { from, to }) => {
    const value = valueAt(run, from);
    return isGiven(value) ? withValueAt(run, to, value) : run;
  }, written);
  const { datasets, paths, schedulers } = run;
  const { catalogue_path = join(paths.data_path, "catalogue.duckdb") } = datasets.databases;
  return {
    ...run,
    schedulers: { ...schedulers, update_type: updateTypeOf(schedulers) },
    datasets: {
      ...datasets,
      split: datasets.split ?? 0,
      databases: { ...datasets.databases, catalogue_path },
    },
    inference:
      run.inference ?? InferenceConfig.parse({ save_dir: join(paths.outdir, "inference") }),
  };
}
