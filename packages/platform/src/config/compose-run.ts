import { join, resolve } from "node:path";
import { CellError } from "../errors/index.ts";
import { checkConfig } from "./check/check.ts";
import { choicesAt, knownKeys } from "./check/known-keys.ts";
import { type CompleteRequest, completeOverride } from "./complete.ts";
import {
  type Composition,
  composeGathering,
  composeOpen,
  composeTree,
  composeWritten,
  type OpenComposition,
} from "./compose.ts";
import type { TreeNode } from "./defaults/tree-node.ts";
import type { ComposeRequest } from "./expand-request.ts";
import { Faults } from "./faults/faults.ts";
import { sweeperParams } from "./hydra/hydra-node.ts";
import { warningsWithoutEffect } from "./hydra/without-effect.ts";
import type { MapNode } from "./node/node.ts";
import type { Source } from "./node/source.ts";
import { expandSweepLines } from "./override/expand-sweeps.ts";
import { type Overruled, overruled, without } from "./schema/overruled.ts";
import { readTargets } from "./schema/read-targets.ts";
import { RunConfig } from "./schema/run.ts";
import { disagreements } from "./schema/same-keys.ts";
import { SearchPath } from "./search/search-path.ts";

export interface ComposeRunRequest
  extends Pick<ComposeRequest, "configName" | "overrides" | "env" | "now" | "random" | "run"> {
  /** Searched before the program's own `configs/`, so that a user's file wins. */
  readonly configDirs: readonly string[];
}

/** A run's config, and the composition that it was checked from. */
export interface ComposedRun {
  readonly config: RunConfig;
  readonly composition: Composition;
}

/** The folder `configs/` that comes with the program. */
const ownConfigDir: string = join(import.meta.dirname, "../../../../configs");

/** The search path of the command line: the user's folders, then our own configs. */
export function searchPathOf(configDirs: readonly string[]): SearchPath {
  return new SearchPath([...configDirs, ownConfigDir]);
}

/** Composes and checks the config of a run. Nothing is started and nothing is written. */
export function composeRun({ configDirs, ...request }: ComposeRunRequest): ComposedRun {
  const faults = new Faults();
  return faults.finish(request.configName, () => {
    const searchPath = searchPathOf(configDirs);
    const open = composeGathering({ ...request, searchPath, knownKeys: runKeys }, faults);
    return checkedRun(open, request.configName);
  });
}

/** Resolves and checks what was composed. */
export function checkedRun(open: OpenComposition, configName: string): ComposedRun {
  const { resolve: resolveNow, merge, valueAt, ...rest } = open;
  const resolved = resolveNow();
  const ofHydra = warningsWithoutEffect(open.hydra, open.written, open.choices);
  const warnings = new Set([...open.warnings, ...ofHydra]);
  const composition: Composition = { ...rest, resolved, warnings };
  const counted = without(composition.resolved, overruledIn(composition.resolved, open.tree));
  return { config: checkRunConfig(counted, configName, open.written), composition };
}

/** Dotted paths of the reference platform become names of ours; then every key is checked. */
export function checkRunConfig(
  resolved: MapNode,
  configName: string,
  written: MapNode = resolved,
): RunConfig {
  const { config, problems } = readTargets(resolved);
  const before = [...problems, ...disagreements(config)];
  return checkConfig(RunConfig, config, configName, { before, written });
}

/** The defaults of our own option files for which a run has something else beside them. */
export function overruledIn(resolved: MapNode, tree: TreeNode): readonly Overruled[] {
  const primary = tree.children.find((child) => child !== "self" && child.isPrimary);
  const own = primary === undefined || primary === "self" ? undefined : primary.file?.path;
  const isDefault = (source: Source) =>
    source.kind === "file" && source.path !== own && isOurs(source.path);
  return overruled(resolved, isDefault);
}

const isOurs = (path: string) => resolve(path).startsWith(`${ownConfigDir}/`);

export const runKeys = (): readonly string[] => knownKeys(RunConfig).map(({ path }) => path);

/** The files that a config is made of; `defaultsTreeText` prints it. */
export function composeDefaultsTree({ configDirs, ...request }: ComposeRunRequest): TreeNode {
  return composeTree({ ...request, searchPath: searchPathOf(configDirs) });
}

/**
 * The override lines of each run that `-m` starts, in Hydra's order: every combination of
 * `hydra.sweeper.params` of the config and of the operands, the last turning fastest.
 */
export function expandSweeps({
  configDirs,
  random = Math.random,
  faults,
  ...request
}: ComposeRunRequest & { readonly faults: Faults }): readonly (readonly string[])[] {
  const searchPath = searchPathOf(configDirs);
  const master = { ...request, searchPath, knownKeys: runKeys, isMaster: true };
  const { hydra } = composeGathering(master, faults);
  const options = (group: string) => searchPath.options(group);
  const lines = [...sweeperParams(hydra), ...request.overrides];
  return expandSweepLines(lines, { options, random, faults });
}

/** What an override operand of the command line may go on with. */
export function completeRunOverride({
  configDirs,
  word,
  ...request
}: ComposeRunRequest & Pick<CompleteRequest, "word">): readonly string[] {
  const searchPath = searchPathOf(configDirs);
  const config = writtenOrNull({ ...request, searchPath, knownKeys: runKeys });
  const choicesOf = (key: string) => choicesAt(RunConfig, key.split("."));
  return completeOverride({ word, searchPath, config, knownKeys: runKeys(), choicesOf });
}

/** Whoever asks for a completion has not finished typing: what does not compose yet is no error. */
function writtenOrNull(request: ComposeRequest): MapNode | null {
  try {
    return composeWritten({ ...request, isMaster: true }).written;
  } catch (error) {
    if (error instanceof CellError) return null;
    throw error;
  }
}

/** Composes a config that need not be a run's, from the given folders alone if there are any. */
export function composeAny({ configDirs, ...request }: ComposeRunRequest): OpenComposition {
  const roots = configDirs.length > 0 ? configDirs : [ownConfigDir];
  return composeOpen({ ...request, searchPath: new SearchPath(roots) });
}
