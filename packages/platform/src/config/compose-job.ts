import { knownKeys } from "./check/known-keys.ts";
import { composeGathering, type OpenComposition } from "./compose.ts";
import {
  type ComposedRun,
  type ComposeRunRequest,
  checkedRun,
  checkRunConfig,
  expandSweeps,
  overruledIn,
  runKeys,
  searchPathOf,
} from "./compose-run.ts";
import { ConfigOverrideError } from "./faults/errors.ts";
import { Faults } from "./faults/faults.ts";
import { composeWith, planMultiRun } from "./multi-run/plan-multi-run.ts";
import { planSweep } from "./multi-run/plan-sweep.ts";
import type { PlannedRun } from "./multi-run/planned-run.ts";
import type { MapNode } from "./node/node.ts";
import { MultiRunConfig } from "./schema/multi-run.ts";

/** What a command line asks for, worked out and checked: one run, or several. */
export type Job =
  | ({ readonly kind: "one" } & ComposedRun)
  | {
      readonly kind: "several";
      /** The config that lists them; null for a sweep, which `-m` makes of a config of one run. */
      readonly list: {
        readonly written: MapNode;
        readonly hydra: MapNode;
        resolveHydra(): MapNode;
        readonly warnings: ReadonlySet<string>;
        /** Keys of a run in it that no run starts from, since each names another config. */
        readonly unusedKeys: readonly string[];
      } | null;
      readonly runs: readonly PlannedRun[];
      /** A run that fails stops those behind it. */
      readonly isFailFast: boolean;
    };

export interface JobRequest extends ComposeRunRequest {
  /** True with `-m`: `a=1,2` is two runs. */
  readonly isSweep: boolean;
}

/**
 * Composes and checks all that will be run. Nothing is started and nothing is written.
 *
 * @throws {@link ConfigError} with all that is wrong with the command and with its configs.
 */
export function planJob({ isSweep, ...given }: JobRequest): Job {
  const faults = new Faults();
  const request = { ...given, now: given.now ?? new Date() }; // the same in all runs
  return faults.finish(request.configName, () =>
    isSweep ? sweepOf(request, faults) : jobOf(request, faults),
  );
}

type TimedRequest = ComposeRunRequest & { readonly now: Date };

function jobOf({ configDirs, ...request }: TimedRequest, faults: Faults): Job {
  const searchPath = searchPathOf(configDirs);
  const open = composeGathering({ ...request, searchPath, knownKeys: jobKeys }, faults);
  if (!isList(open)) return { kind: "one", ...checkedRun(open, request.configName) };
  const compose = composeWith({ searchPath, env: request.env, now: request.now });
  const options = { compose, searchPath, check: checkRunConfig, overruled: overruledIn };
  const { runs, unusedKeys, isFailFast } = planMultiRun(open, options);
  return { kind: "several", list: { ...open, unusedKeys }, runs, isFailFast };
}

function sweepOf(request: TimedRequest, faults: Faults): Job {
  const { configDirs, configName } = request;
  const lines = expandSweeps({ ...request, faults });
  if (lines.length === 0) {
    const hint = "`cello config list GROUP` prints the options that glob() may find.";
    throw new ConfigOverrideError(
      "-m",
      "a key of the sweep has no value, so there is no run",
      hint,
    );
  }
  const compose = (overrides: readonly string[], num: number) => {
    const own = new Faults();
    return own.finish(configName, () => {
      const { configDirs, ...rest } = { ...request, overrides, run: { ...request.run, num } };
      const searchPath = searchPathOf(configDirs);
      const open = composeGathering({ ...rest, searchPath, knownKeys: jobKeys }, own);
      if (isList(open)) {
        const hint = "Leave -m away: the sweeps of a list of runs stand in the list.";
        throw new ConfigOverrideError("-m", `${configName} is a list of runs already`, hint);
      }
      return checkedRun(open, configName);
    });
  };
  const runs = planSweep({ lines, configName, configDirs, compose });
  return { kind: "several", list: null, runs, isFailFast: false };
}

const jobKeys = () => [...runKeys(), ...knownKeys(MultiRunConfig).map(({ path }) => path)];

function isList(open: OpenComposition): boolean {
  const runType = open.valueAt(["run_type"]);
  return runType?.kind === "scalar" && runType.value === "multi_run";
}
