import { type ChosenOptions, chooseOptions } from "./choose-options.ts";
import { expandDefaults, type TreeNode } from "./defaults-tree.ts";
import { ConfigDefaultsError, ConfigInterpolationError, ConfigYamlError } from "./errors.ts";
import { extraRoots } from "./extra-roots.ts";
import { Faults } from "./faults.ts";
import { ensureHydraKeys, finishHydra, type HydraRun, openPluginKeys } from "./hydra-node.ts";
import { referredContainer, resolveAll, resolveAt, resolvePart } from "./interpolation/resolve.ts";
import type { ResolverContext } from "./interpolation/resolvers.ts";
import { mergeMaps, nest, type Referred } from "./merge.ts";
import {
  emptyMap,
  forbiddenKeys,
  isMissing,
  isNull,
  keyText,
  type MapNode,
  nodeAt,
  type ScalarNode,
} from "./node.ts";
import { applyOverride } from "./override/apply-override.ts";
import { type Override, parseOverride, parseOverrideLine } from "./override/parse-override.ts";
import type { Random } from "./override/sweep.ts";
import { primaryName } from "./primary-name.ts";
import type { SearchPath } from "./search-path.ts";
import type { Source } from "./source.ts";

/** What is composed: a config by its name, and what the command line changes. */
export interface ComposeRequest {
  readonly searchPath: SearchPath;
  /** Path below a root; `.yaml`, and the root's own name in front, may be there. */
  readonly configName: string;
  readonly overrides: readonly string[];
  /** What `${oc.env:NAME}` sees. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Keys that `a.b=1` may set though no file has them, since a schema does. */
  readonly knownKeys?: () => readonly string[];
  /** What `${now:%Y-%m-%d}` prints. */
  readonly now?: Date;
  /** What `shuffle()` draws from. */
  readonly random?: Random;
  /** What `${hydra:...}` knows of the run. */
  readonly run?: HydraRun;
  /** For a sweep before it is run: sweeps are left out, and open choices stay open. */
  readonly isMaster?: boolean;
}

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
    const { resolve, ...open } = composeGathering(request, faults);
    return { ...open, resolved: resolve() };
  });
}

/** Without resolving, which needs every value to be there. */
export function composeWritten(request: ComposeRequest): Omit<Composition, "resolved"> {
  return composeOpen(request);
}

/** A composition of which nothing is resolved until somebody asks. */
export interface OpenComposition extends Omit<Composition, "resolved"> {
  /** Replaces every `${...}` of this config, or of another that was made from it. */
  resolve(config?: MapNode): MapNode;
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
  const resolve = (config = written) =>
    gathering((faults) => {
      const told = new Set<string>();
      return resolveAll(config, context, (fault, path) => {
        const key = path.map(keyText).join(".");
        if (told.has(fault.message)) faults.excuse(key);
        else faults.add(fault.ofKey(key));
        told.add(fault.message);
      });
    });
  return { ...composition, written, resolve };
}

/** The files that take part, and how; overrides of keys are only parsed. */
export function composeTree(request: ComposeRequest): TreeNode {
  const faults = new Faults();
  return faults.finish(request.configName, () => expandRequest(request, faults).tree);
}

interface Expanded {
  readonly name: string;
  readonly tree: TreeNode;
  readonly parsed: readonly Override[];
  readonly chosen: ChosenOptions;
  readonly searchPath: SearchPath;
  readonly context: ResolverContext;
}

function expandRequest(
  request: ComposeRequest & { readonly skipsSweeps?: boolean },
  faults: Faults,
): Expanded {
  const { overrides, env, now = new Date(), random = Math.random } = request;
  const { isMaster = false, skipsSweeps = true } = request;
  request.searchPath.ensureRoots();
  const leavesOut = (text: string) =>
    (isMaster || skipsSweeps) && parseOverrideLine(text, random).sweep !== null;
  const parsed = overrides.flatMap((text) =>
    faults.attempt(() => (leavesOut(text) ? [] : [parseOverride(text, random)]), []),
  );
  const context: ResolverContext = { env, now, hydra: null };
  const name = primaryName(request.configName, request.searchPath);
  const searchPath = request.searchPath.extended(
    faults.attempt(() => extraRoots(request.searchPath.load(name), parsed, context), []),
  );
  searchPath.ensureRoots();
  const chosen = chooseOptions(parsed, searchPath, faults);
  const { choices, added } = chosen;
  const fill = (text: string, known: ReadonlyMap<string, string | null>, source: Source) =>
    filled(text, known, source, context);
  const skipsMissing = isMaster;
  const tree = expandDefaults(name, { searchPath, choices, added, skipsMissing, fill, faults });
  for (const fault of choices.unused()) faults.add(fault);
  return { name, tree, parsed, chosen, searchPath, context };
}

function composeWhole(request: ComposeRequest, faults: Faults) {
  const { knownKeys = () => [], run = {} } = request;
  const expanded = expandRequest({ ...request, skipsSweeps: false }, faults);
  const { name, tree, parsed, searchPath, context } = expanded;
  const { choices, isOfGroup } = expanded.chosen;
  const referred: Referred = (root, path) => referredContainer(root(), path, context);
  const options = {
    knownKeys,
    referred,
    resolved: (config: MapNode, path: readonly string[]) => resolveAt(config, path, context),
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
  try {
    const node = resolveAt(config, path, context);
    return node?.kind === "scalar" && !isMissing(node) ? String(node.value) : undefined;
  } catch (error) {
    if (error instanceof ConfigInterpolationError) return undefined;
    throw error;
  }
}

/** `${db}_small` in a defaults list: by the choices made, and the environment. */
function filled(
  text: string,
  known: ReadonlyMap<string, string | null>,
  source: Source,
  context: ResolverContext,
): string {
  const entry = (node: ScalarNode) => ({ keySource: source, node });
  const entries = [...known].map(
    ([key, value]) => [key, entry({ kind: "scalar", value, source })] as const,
  );
  const value = entry({ kind: "scalar", value: text, source });
  const root: MapNode = {
    kind: "map",
    entries: new Map([...entries, ["\0value", value]]),
    source,
  };
  const found = resolveAt(root, ["\0value"], context);
  if (found?.kind === "scalar" && typeof found.value === "string") return found.value;
  throw new ConfigDefaultsError(source, `${text} is no text, so it names no option`);
}

/** All files of the tree, each below its package, the later over the earlier. */
function mergeTree(tree: TreeNode, referred: Referred): MapNode {
  const first: Source = { kind: "file", path: "", line: 1, column: 1 };
  return contents(tree).reduce((under, over) => mergeMaps(under, over, referred), emptyMap(first));
}

function contents(node: TreeNode): readonly MapNode[] {
  return node.children.flatMap((child) => (child === "self" ? own(node) : contents(child)));
}

function own({ file, package: pkg, configPath, isPrimary }: TreeNode): readonly MapNode[] {
  if (file === null) return [];
  const source = { kind: "file", path: file.path, line: 1, column: 1 } as const;
  const isEmpty = file.node === null || isNull(file.node);
  const node = isEmpty || file.node === null ? emptyMap(source) : file.node;
  if (node.kind !== "map") {
    throw new ConfigYamlError(
      node.source,
      `expected keys and values at the top, got a ${node.kind}`,
    );
  }
  const entries = new Map(node.entries);
  entries.delete("defaults");
  const path = pkg === "" ? [] : pkg.split(".");
  const forbidden = path.find((key) => forbiddenKeys.has(key));
  if (forbidden !== undefined) {
    throw new ConfigDefaultsError(node.source, `the package ${pkg} is refused: ${forbidden}`);
  }
  const content = nest({ ...node, entries }, path);
  const searchPath = nodeAt(content, ["hydra", "searchpath"]);
  if (searchPath && !isPrimary && configPath !== "hydra/config") {
    const message = "only the primary config may have hydra.searchpath";
    throw new ConfigDefaultsError(searchPath.source, message);
  }
  return [content];
}
