import { join } from "node:path";
import type { ComposedRun } from "../compose-run.ts";
import { hasText } from "../node/has-text.ts";
import { parseOverrideLine } from "../override/parse-override.ts";
import { areApart, ensureApart } from "./folders-apart.ts";
import { namesApart } from "./names-apart.ts";
import type { PlannedRun } from "./planned-run.ts";
import { RunFaults } from "./run-faults.ts";
import { maxNameLength, runName } from "./run-name.ts";

interface SweepOptions {
  /** The override lines of each run. */
  readonly lines: readonly (readonly string[])[];
  readonly configName: string;
  readonly configDirs: readonly string[];
  /** Composes and checks the config of one run, by its overrides and its number from 0. */
  readonly compose: (overrides: readonly string[], num: number) => ComposedRun;
}

/**
 * The runs of `-m`, each with a folder of its own: where the overrides do not see to that, the run is
 * called `NAME_sweep_KEY_VALUE`, and so is its folder.
 *
 * @throws ConfigInvalidError with the problems of all runs.
 */
export function planSweep(options: SweepOptions): readonly PlannedRun[] {
  const { lines, configName } = options;
  const varies = variedPlaces(lines);
  const variedIn = (line: readonly string[]) => varies.map((place) => line[place] ?? "");
  const asGiven = eachOf(lines, variedIn, (line, num) => composed(options, line, num));
  const runs = areApart(asGiven) ? asGiven : renamed(options, variedIn, asGiven);
  ensureApart(runs, configName);
  // as planned: a run that begins later would have another time in its name
  return runs.map((run) => ({
    ...run,
    args: [...run.args, `++paths.outdir=${quoted(run.outdir)}`],
  }));
}

type VariedIn = (line: readonly string[]) => readonly string[];

function renamed(
  options: SweepOptions,
  variedIn: VariedIn,
  asGiven: readonly PlannedRun[],
): readonly PlannedRun[] {
  const { lines } = options;
  const named = lines.map((line, i) => ({
    name: runName(asGiven[i]?.config.experiment_name ?? "", variedIn(line).map(variedOf)),
    of: variedIn(line).join(" "),
  }));
  const names = namesApart(named, maxNameLength);
  const ofNames = lines.map((line, i) => [...line, `++experiment_name=${quoted(names[i] ?? "")}`]);
  const runs = eachOf(ofNames, variedIn, (line, num) => composed(options, line, num));
  if (areApart(runs)) return runs;
  const ofFolders = runs.map(({ name, outdir }, i) => [
    ...(ofNames[i] ?? []),
    `++paths.outdir=${quoted(join(outdir, name))}`,
  ]);
  return eachOf(ofFolders, variedIn, (line, num) => composed(options, line, num));
}

/** @throws the fault that all have, if it is one; else ConfigInvalidError with those of all runs. */
function eachOf(
  lines: readonly (readonly string[])[],
  variedIn: VariedIn,
  work: (line: readonly string[], num: number) => PlannedRun,
): readonly PlannedRun[] {
  const faults = new RunFaults();
  const done = lines.flatMap((line, num) => {
    const run = `${num + 1} (${variedIn(line).join(" ")})`;
    return faults.attempt(run, () => work(line, num)) ?? [];
  });
  if (faults.only) throw faults.only;
  faults.ensureNone(`${lines.length - done.length} of the ${lines.length} runs`, { isSweep: true });
  return done;
}

function composed(
  { compose, configName, configDirs }: SweepOptions,
  overrides: readonly string[],
  num: number,
): PlannedRun {
  const { config, composition } = compose(overrides, num);
  const { experiment_name: name, paths } = config;
  const dirs = configDirs.map((dir) => `--config-dir=${dir}`);
  const asks = [composition.written, composition.hydra].some((node) => hasText(node, ofNumber));
  const place = asks ? [`hydra.job.num=${num}`, `hydra.job.id='${num}'`] : [];
  const args = [...dirs, `--config-name=${configName}`, ...overrides, ...place];
  return { name, outdir: paths.outdir, config, composition, args, file: null };
}

/** What is made of a thing that only a run of several knows. */
const ofNumber = /\$\{hydra:(?:job|sweep)/;

/** Where in the lists the overrides differ from run to run. */
function variedPlaces(lines: readonly (readonly string[])[]): readonly number[] {
  const [first = []] = lines;
  return [...first.keys()].filter((i) => new Set(lines.map((line) => line[i])).size > 1);
}

function variedOf(line: string) {
  const { key } = parseOverrideLine(line, Math.random);
  return { path: key.split(/[./]/), value: line.slice(line.indexOf("=") + 1) };
}

const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
