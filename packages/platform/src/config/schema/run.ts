import type { z } from "zod";
import { RunKeys } from "./run-keys.ts";
import { checkBetweenGroups } from "./run-rules.ts";
import { settle } from "./settle-run.ts";

/**
 * Everything that a run is, as composed from `configs/`: frozen, and saved as `config.json` in the
 * run's folder. Keys are spelled as in the YAML.
 */
export const RunConfig = RunKeys.superRefine(checkBetweenGroups).transform(settle);
export type RunConfig = z.infer<typeof RunConfig>;
