import { mergeTree } from "./defaults/merge-tree.ts";
import type { TreeNode } from "./defaults/tree-node.ts";
import { type ComposeRequest, expandRequest } from "./expand-request.ts";
import { ConfigInterpolationError } from "./faults/errors.ts";
import { Faults } from "./faults/faults.ts";
import { ensureHydraKeys, finishHydra, numbered, openPluginKeys } from "./hydra/hydra-node.ts";
import {
  placeOf,
  referredContainer,
  resolveAll,
  resolveAt,
  resolvePart,
} from "./interpolation/resolve.ts";
import type { ResolverContext } from "./interpolation/resolvers.ts";
import { mergeMaps, type Referred } from "./node/merge.ts";
import { emptyMap, isMissing, keyText, type MapNode, type Node, nodeAt } from "./node/node.ts";
import { applyOverride } from "./override/apply-override.ts";

/** A config before it is checked: where each value comes from is still known. */
export interface Composition {
  /** Path below a root, without `.yaml`. */
  readonly configName: string;
  /** The files that took part, and how. */
  readonly tree: TreeNode;
  /** `group` or `group@package` to the option that was composed. */
  readonly choices: ReadonlyMap<string, string | null>;
  /** Merged and overridden, with `${...}` as it was written. */
  readonly written: MapNode;
  /** The same with every `${...}` replaced. */
  readonly resolved: MapNode;
  /** What the config says under `hydra:`, over what Hydra has there; as written. */
  readonly hydra: MapNode;
  /** The same with every `${...}` replaced; what only a run knows is `???`. */
  resolveHydra(): MapNode;
  /** What resolving has warned of, each with its place: keys that are deprecated. */
  readonly warnings: ReadonlySet<string>;
}

/**
 * Composes a config as Hydra does: defaults lists are followed, files merged in their order,
 * overrides applied, interpolations resolved. No schema is involved: any Hydra folder composes.
 *
 * @throws {@link ConfigError} with all that is wrong; so do the others here.
 */
export function compose(request: ComposeRequest): Composition {
  const faults = new Faults();
  return faults.finish(request.configName, () => {
    const { resolve, merge, valueAt, ...open } = composeGathering(request, faults);
    return { ...open, resolved: resolve() };
  });
}

/** Without resolving, which needs every value to be there. */
export function composeWritten(request: ComposeRequest): Omit<Composition, "resolved"> {
  return composeOpen(request);
}

/** A composition of which nothing is resolved until somebody asks. */
export interface OpenComposition extends Omit<Composition, "resolved"> {
  /**
   * Replaces every `${...}` of this config, or of another that was made from it.
   *
   * @param num - what `${hydra:job.num}` is: the place of the run among several, from 0.
   */
  resolve(config?: MapNode, num?: number): MapNode;
  /** As a file is merged over another: what goes over a reference goes into what it stands for. */
  merge(under: MapNode, over: MapNode): MapNode;
  /** One value, resolved; undefined where there is none, or where it cannot be told. */
  valueAt(path: readonly string[]): Node | undefined;
}

/** For a config that has parts of other configs in it, whose references are meant there. */
export function composeOpen(request: ComposeRequest): OpenComposition {
  const faults = new Faults();
  const open = faults.finish(request.configName, () => composeWhole(request, faults));
  return opened(open, (act) => {
    const own = new Faults();
    return own.finish(request.configName, () => act(own));
  });
}

/**
 * Goes on where something is wrong, as far as it can: an override that cannot be is left out, a
 * reference that leads nowhere stays as written. Whoever asks throws `faults` in the end.
 */
export function composeGathering(request: ComposeRequest, faults: Faults): OpenComposition {
  return opened(composeWhole(request, faults), (act) => act(faults));
}

function opened(
  { composition, written, context }: ReturnType<typeof composeWhole>,
  gathering: <T>(act: (faults: Faults) => T) => T,
): OpenComposition {
  const resolve = (config = written, num?: number) =>
    gathering((faults) => {
      const told = new Set<string>();
      const { hydra } = context;
      const own =
        num === undefined || !hydra ? context : { ...context, hydra: numbered(hydra, num) };
      return resolveAll(config, own, (fault, path) => {
        const key = path.map(keyText).join(".");
        if (told.has(fault.message)) faults.excuse(key);
        else faults.add(fault.ofKey(key));
        told.add(fault.message);
      });
    });
  const referred: Referred = (root, path) => referredContainer(root(), path, context);
  const merge = (under: MapNode, over: MapNode) => mergeMaps(under, over, referred);
  const valueAt = (path: readonly string[]) => whereTold(() => resolveAt(written, path, context));
  return { ...composition, written, resolve, merge, valueAt };
}

function whereTold<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof ConfigInterpolationError) return undefined;
    throw error;
  }
}

/** The files that take part, and how; overrides of keys are only parsed. */
export function composeTree(request: ComposeRequest): TreeNode {
  const faults = new Faults();
  return faults.finish(request.configName, () => expandRequest(request, faults).tree);
}

function composeWhole(request: ComposeRequest, faults: Faults) {
  const { knownKeys = () => [], run = {} } = request;
  const expanded = expandRequest({ ...request, skipsSweeps: false }, faults);
  const { name, tree, parsed, searchPath, context, warnings } = expanded;
  const { choices, isOfGroup } = expanded.chosen;
  const referred: Referred = (root, path) => referredContainer(root(), path, context);
  const options = {
    knownKeys,
    referred,
    resolved: (config: MapNode, path: readonly string[]) => resolveAt(config, path, context),
    placeOf: (config: MapNode, path: readonly string[]) => placeOf(config, path, context),
  };
  const merged = mergeTree(tree, referred);
  faults.attempt(() => ensureHydraKeys(merged, name), undefined);
  const ofKeys = openPluginKeys(
    parsed.filter((one) => !isOfGroup(one)),
    choices,
  );
  const whole = ofKeys.reduce(
    (config, override) => faults.attempt(() => applyOverride(config, override, options), config),
    merged,
  );
  const finished = finishHydra(whole, {
    configName: name,
    overrides: parsed,
    choices: choices.known,
    roots: searchPath.roots,
    run,
    textAt: (config, path) => textAt(config, path, { ...context, hydra: config }),
  });
  const entries = new Map(finished.entries);
  entries.delete("hydra");
  const hydra = nodeAt(finished, ["hydra"]);
  return {
    composition: {
      configName: name,
      tree,
      choices: choices.known,
      warnings,
      hydra: hydra?.kind === "map" ? hydra : emptyMap(finished.source),
      resolveHydra: () => {
        const whole = resolvePart(finished, ["hydra"], { ...context, hydra: finished });
        return whole?.kind === "map" ? whole : emptyMap(finished.source);
      },
    },
    written: { ...finished, entries },
    context: { ...context, hydra: finished },
  };
}

/** What a run's folder is called, when that can be told before the config is complete. */
function textAt(
  config: MapNode,
  path: readonly string[],
  context: ResolverContext,
): string | undefined {
  const node = whereTold(() => resolveAt(config, path, context));
  return node?.kind === "scalar" && !isMissing(node) ? String(node.value) : undefined;
}
