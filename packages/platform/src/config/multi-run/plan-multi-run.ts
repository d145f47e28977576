import { composeOpen, type OpenComposition } from "../compose.ts";
import type { TreeNode } from "../defaults/tree-node.ts";
import type { ComposeRequest } from "../expand-request.ts";
import { ConfigInvalidError, ConfigNotFoundError } from "../faults/errors.ts";
import { keyText, type MapNode, nodeAt } from "../node/node.ts";
import { pythonRepr, pythonStr } from "../node/python-text.ts";
import type { Source } from "../node/source.ts";
import { type Overruled, without } from "../schema/overruled.ts";
import type { RunConfig } from "../schema/run.ts";
import type { SearchPath } from "../search/search-path.ts";
import { withGroup } from "./group-option.ts";
import { ensureApart, namesApart } from "./keep-apart.ts";
import type { PlannedRun } from "./planned-run.ts";
import type { ReadMultiRun } from "./read-multi-run.ts";
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
  { compose, check, overruled, searchPath }: PlanOptions,
): {
  readonly runs: readonly PlannedRun[];
  readonly unusedKeys: readonly string[];
  readonly isFailFast: boolean;
} {
  const faults = new RunFaults();
  const { composition, read } = soundRuns(list, faults);
  const { config, base: own, entries } = read;
  const placeOf = (...path: string[]) =>
    (nodeAt(composition.written, ["runs", ...path]) ?? composition.written).source;
  const start = (cfg: string | undefined, i: number) => {
    if (cfg !== undefined) return composedAt(compose, cfg, placeOf(`${i}`, "cfg"));
    if (own !== null) return { ...composition, written: own };
    const message = "is not given; it names the config that the run starts from";
    throw new ConfigInvalidError(composition.configName, [
      { key: `runs.${i}.cfg`, message, source: placeOf(`${i}`) },
    ]);
  };
  const planned = config.runs.flatMap((run, i) => {
    const of = () => {
      const base = start(run.cfg, i);
      const written = (entries[i] as ReadMultiRun["entries"][number]) ?? null;
      const replaced = (run.defaults_overrides ?? []).reduce((whole, entry, j) => {
        const [[group = "", option = ""] = []] = Object.entries(entry);
        const source = placeOf(`${i}`, "defaults_overrides", `${j}`, group);
        const composed = (name: string) => composedAt(compose, name, source);
        return withGroup(whole, { group, option, source }, { base, compose: composed, searchPath });
      }, base.written);
      const merged = written.overrides ? base.merge(replaced, written.overrides) : replaced;
      return sweepProduct(written.sweep).map((points) => ({ run, merged, points, base }));
    };
    return faults.attempt(run.name, of) ?? [];
  });
  const names = namesApart(
    planned.map(({ run, points }) => pointsName(run.name, points)),
    maxNameLength,
  );
  const runs = planned.flatMap(({ merged, points, base }, num) => {
    const of = () => {
      const name = names[num] ?? "";
      const { outdir, whole } = settledRun(merged, { points, name, base, config, num });
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
    };
    return faults.attempt(names[num] ?? "", of) ?? [];
  });
  faults.ensureNone(composition.configName);
  ensureApart(runs, composition.configName);
  const isUsed = config.runs.some(({ cfg }) => cfg === undefined);
  const unusedKeys = isUsed ? [] : [...(own?.entries.keys() ?? [])].map(keyText);
  return { runs, unusedKeys, isFailFast: config.fail_fast };
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
