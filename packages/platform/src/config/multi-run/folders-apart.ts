import { resolve } from "node:path";
import { ConfigInvalidError, type Problem } from "../faults/errors.ts";
import type { RunConfig } from "../schema/run.ts";
import type { PlannedRun } from "./planned-run.ts";

/** Whether no two of the runs have the same folder. */
export const areApart = (runs: readonly Pick<PlannedRun, "outdir">[]): boolean =>
  new Set(runs.map(({ outdir }) => resolve(outdir))).size === runs.length;

/**
 * @throws ConfigInvalidError where two runs would write to one folder: the second would be taken for
 *   the first, which is finished, and their logs and predictions would be mixed.
 */
export function ensureApart(
  runs: readonly Pick<PlannedRun, "name" | "config">[],
  configName: string,
): void {
  const problems: Problem[] = [];
  for (const [key, foldersOf] of places) {
    const owners = new Map<string, string>();
    for (const [i, { name, config }] of runs.entries()) {
      for (const folder of foldersOf(config)) {
        const run = `${name} (${i + 1})`;
        const owner = owners.get(resolve(folder));
        if (owner === undefined) owners.set(resolve(folder), run);
        else problems.push({ key, message: messageOf(folder, owner, run, key), source: null });
      }
    }
    if (problems.length > 0) break; // what lies in a folder of two runs is shared for the same reason
  }
  if (problems.length > 0) throw new ConfigInvalidError(configName, problems);
}

const places: readonly (readonly [string, (config: RunConfig) => readonly string[]])[] = [
  ["paths.outdir", ({ paths }) => [paths.outdir]],
  ["loggers.logdir", ({ loggers }) => [loggers.logdir]],
  ["inference.save_dir", ({ inference }) => [inference.save_dir]],
];

function messageOf(folder: string, first: string, second: string, key: string): string {
  const advice =
    key === "paths.outdir"
      ? "give each values, or an experiment_name, of its own"
      : `leave ${key} away, or begin it with \${paths.outdir}`;
  return `is ${folder} in two runs, ${first} and ${second}; ${advice}`;
}
