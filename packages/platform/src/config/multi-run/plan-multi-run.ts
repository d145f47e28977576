import { composeOpen, type OpenComposition } from "../compose.ts";
import type { TreeNode } from "../defaults/tree-node.ts";
import type { ComposeRequest } from "../expand-request.ts";
import { ConfigInvalidError, ConfigNotFoundError } from "../faults/errors.ts";
import { keyText, type MapNode, type Node, nodeAt } from "../node/node.ts";
import { pythonRepr, pythonStr } from "../node/python-text.ts";
import type { Source } from "../node/source.ts";
import type { MultiRunConfig } from "../schema/multi-run.ts";
import { type Overruled, without } from "../schema/overruled.ts";
import type { RunConfig } from "../schema/run.ts";
import type { SearchPath } from "../search/search-path.ts";
import { ensureApart } from "./folders-apart.ts";
import { withGroup } from "./group-option.ts";
import { namesApart } from "./names-apart.ts";
import type { PlannedRun } from "./planned-run.ts";
import { withRunFacts } from "./run-facts.ts";
import { RunFaults } from "./run-faults.ts";
import { runFile } from "./run-file.ts";
import { maxNameLength, runName } from "./run-name.ts";
import { settledRun } from "./settled-run.ts";
import { soundRuns } from "./sound-runs.ts";
import { type SweepPoint, sweepProduct } from "./sweep-product.ts";

export interface PlanOptions {
  /** Composes a config by its name, with the search path of the whole. */
  readonly compose: (configName: string) => OpenComposition;
  /** Makes a resolved config a run's, or says all that is wrong with it. */
  readonly check: (resolved: MapNode, configName: string, written: MapNode) => RunConfig;
  readonly searchPath: Pick<SearchPath, "hasGroup" | "groups">;
  /** The places of defaults that do not count, since a run has something else beside them. */
  readonly overruled: (resolved: MapNode, tree: TreeNode) => readonly Overruled[];
}

/**
 * The runs of a config with `run_type: multi_run`. As in the reference platform: the config `cfg`,
 * whole groups replaced by `defaults_overrides`, `overrides` merged over it, then each combination of
 * `sweep`; the folder is `paths.outdir/[data_base_dir/]NAME`.
 *
 * @throws ConfigInvalidError with the problems of all runs.
 */
export function planMultiRun(
  list: OpenComposition,
  options: PlanOptions,
): {
  readonly runs: readonly PlannedRun[];
  readonly unusedKeys: readonly string[];
  readonly isFailFast: boolean;
} {
  const faults = new RunFaults();
  const { composition, read } = soundRuns(list, faults);
  const { config, base: own } = read;
  const merged = config.runs.flatMap((run, i) => {
    const written = { run, i, ...(read.entries[i] ?? { overrides: null, sweep: [] }) };
    return faults.attempt(run.name, () => mergedRuns(written, { composition, own, options })) ?? [];
  });
  const names = namesApart(
    merged.map(({ run, points }) => pointsName(run.name, points)),
    maxNameLength,
  );
  const runs = merged.flatMap((one, num) => {
    const name = names[num] ?? "";
    const of = () => plannedRun(one, { name, num, list: config, composition, options });
    return faults.attempt(name, of) ?? [];
  });
  faults.ensureNone(composition.configName);
  ensureApart(runs, composition.configName);
  const isUsed = config.runs.some(({ cfg }) => cfg === undefined);
  const unusedKeys = isUsed ? [] : [...(own?.entries.keys() ?? [])].map(keyText);
  return { runs, unusedKeys, isFailFast: config.fail_fast };
}

type Entry = MultiRunConfig["runs"][number];

/** An entry of the list, checked, with its parts as written. */
interface WrittenRun {
  readonly run: Entry;
  /** Its place in the list. */
  readonly i: number;
  readonly overrides: MapNode | null;
  readonly sweep: readonly Node[];
}

interface Merging {
  readonly composition: OpenComposition;
  /** Where runs without a `cfg` start; null where the list says nothing of a run. */
  readonly own: MapNode | null;
  readonly options: PlanOptions;
}

/** One run for each combination of its sweep: what it starts from, and what is merged over that. */
interface MergedRun {
  readonly run: Entry;
  readonly base: OpenComposition;
  readonly merged: MapNode;
  readonly points: readonly SweepPoint[];
}

function mergedRuns(
  { run, i, overrides, sweep }: WrittenRun,
  { composition, own, options: { compose, searchPath } }: Merging,
): readonly MergedRun[] {
  const placeOf = (...path: string[]) =>
    (nodeAt(composition.written, ["runs", `${i}`, ...path]) ?? composition.written).source;
  const start = () => {
    if (run.cfg !== undefined) return composedAt(compose, run.cfg, placeOf("cfg"));
    if (own !== null) return { ...composition, written: own };
    const message = "is not given; it names the config that the run starts from";
    const problem = { key: `runs.${i}.cfg`, message, source: placeOf() };
    throw new ConfigInvalidError(composition.configName, [problem]);
  };
  const base = start();
  const replaced = (run.defaults_overrides ?? []).reduce((whole, entry, j) => {
    const [[group = "", option = ""] = []] = Object.entries(entry);
    const source = placeOf("defaults_overrides", `${j}`, group);
    const composed = (name: string) => composedAt(compose, name, source);
    return withGroup(whole, { group, option, source }, { base, compose: composed, searchPath });
  }, base.written);
  const merged = overrides ? base.merge(replaced, overrides) : replaced;
  return sweepProduct(sweep).map((points) => ({ run, merged, points, base }));
}

interface Planning {
  readonly name: string;
  /** Its place among all runs, from 0. */
  readonly num: number;
  readonly list: MultiRunConfig;
  readonly composition: OpenComposition;
  readonly options: PlanOptions;
}

function plannedRun(
  { merged, points, base }: MergedRun,
  { name, num, list, composition, options: { check, overruled } }: Planning,
): PlannedRun {
  const { outdir, whole } = settledRun(merged, { points, name, base, config: list, num });
  const resolved = base.resolve(whole, num);
  const unused = overruled(resolved, base.tree);
  const checked = without(resolved, unused);
  return {
    name,
    outdir,
    config: check(checked, `${composition.configName}, run ${name}`, whole),
    composition: null,
    // in one file of its own a default could not be told from what was written
    ...runFile(without(withRunFacts(whole, resolved), unused), { name, outdir }),
  };
}

/** A config that is not there is told at the place that asks for it. */
function composedAt(
  compose: PlanOptions["compose"],
  name: string,
  source: Source,
): OpenComposition {
  try {
    return compose(name);
  } catch (error) {
    const isNowhere = error instanceof ConfigNotFoundError && error.problems[0]?.source === null;
    throw isNowhere ? new ConfigNotFoundError(error.message, error.hint, source) : error;
  }
}

const pointsName = (first: string, points: readonly SweepPoint[]) => ({
  name: runName(
    first,
    points.map(({ path, value }) => ({ path, value: pythonStr(value) })),
  ),
  of:
    points.length === 0
      ? null // it is called as its entry says
      : points.map(({ path, value }) => `${path.join(".")}=${pythonRepr(value)}`).join(" "),
});

/** What composes the parts of a list of runs: the same folders and environment, no overrides. */
export const composeWith =
  (request: Omit<ComposeRequest, "configName" | "overrides">) =>
  (configName: string): OpenComposition =>
    composeOpen({ ...request, configName, overrides: [] });
