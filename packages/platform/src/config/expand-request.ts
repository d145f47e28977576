import { type ChosenOptions, chooseOptions } from "./defaults/choose-options.ts";
import { expandDefaults } from "./defaults/defaults-tree.ts";
import type { TreeNode } from "./defaults/tree-node.ts";
import { ConfigDefaultsError } from "./faults/errors.ts";
import type { Faults } from "./faults/faults.ts";
import type { HydraRun } from "./hydra/hydra-node.ts";
import { resolveAt } from "./interpolation/resolve.ts";
import type { ResolverContext } from "./interpolation/resolvers.ts";
import type { MapNode, ScalarNode } from "./node/node.ts";
import type { Source } from "./node/source.ts";
import { type Override, parseOverride, parseOverrideLine } from "./override/parse-override.ts";
import type { Random } from "./override/sweep.ts";
import { extraRoots } from "./search/extra-roots.ts";
import { primaryName } from "./search/primary-name.ts";
import type { SearchPath } from "./search/search-path.ts";

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

/** The files of a config, and what the command line says. */
export interface Expanded {
  readonly name: string;
  readonly tree: TreeNode;
  readonly parsed: readonly Override[];
  readonly chosen: ChosenOptions;
  readonly searchPath: SearchPath;
  readonly context: ResolverContext;
  /** What its references have warned of so far. */
  readonly warnings: ReadonlySet<string>;
}

/** Reads the command line, and follows the defaults lists. */
export function expandRequest(
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
  const warnings = new Set<string>();
  const warn = (text: string) => void warnings.add(text);
  const context: ResolverContext = { env, now, hydra: null, warn };
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
  return { name, tree, parsed, chosen, searchPath, context, warnings };
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
