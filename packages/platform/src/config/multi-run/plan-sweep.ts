import { join } from "node:path";
import type { ComposedRun } from "../compose-run.ts";
import { parseOverrideLine } from "../override/parse-override.ts";
import { gathered } from "./gathered.ts";
import type { PlannedRun } from "./planned-run.ts";
import { runName } from "./run-name.ts";

interface SweepOptions {
  /** The override lines of each run. */
  readonly lines: readonly (readonly string[])[];
  readonly configName: string;
  readonly configDirs: readonly string[];
  /** Composes and checks the config of one run. */
  readonly compose: (overrides: readonly string[]) => ComposedRun;
}

/**
 * The runs of `-m`, each with a folder of its own: where the overrides do not see to that, the run is
 * called `NAME_sweep_KEY_VALUE`, and so is its folder.
 *
 * @throws ConfigInvalidError with the problems of all runs.
 */
export function planSweep(options: SweepOptions): readonly PlannedRun[] {
  const { lines } = options;
  const asGiven = gathered(lines, (overrides) => composed(options, overrides));
  if (areApart(asGiven)) return asGiven;
  const varies = variedPlaces(lines);
  const renamed = gathered(lines, (overrides) => {
    const first = options.compose(overrides).config.experiment_name;
    const name = runName(
      first,
      varies.map((place) => variedOf(overrides[place] ?? "")),
    );
    return composed(options, [...overrides, `++experiment_name=${name}`]);
  });
  if (areApart(renamed)) return renamed;
  return gathered(renamed, ({ name, outdir, args }) =>
    composed(options, [...overridesIn(args), `++paths.outdir=${quoted(join(outdir, name))}`]),
  );
}

const areApart = (runs: readonly PlannedRun[]) =>
  new Set(runs.map(({ outdir }) => outdir)).size === runs.length;

function composed(
  { compose, configName, configDirs }: SweepOptions,
  overrides: readonly string[],
): PlannedRun {
  const { config, composition } = compose(overrides);
  const { experiment_name: name, paths } = config;
  const dirs = configDirs.map((dir) => `--config-dir=${dir}`);
  const args = [...dirs, `--config-name=${configName}`, ...overrides];
  return { name, outdir: paths.outdir, config, composition, args, file: null };
}

const overridesIn = (args: readonly string[]) => args.filter((arg) => !arg.startsWith("--config-"));

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
