import { Choices } from "./choices.ts";
import type { GroupEntry } from "./defaults-entry.ts";
import { expandDefaults, type TreeNode } from "./defaults-tree.ts";
import { ConfigOverrideError, ConfigYamlError } from "./errors.ts";
import { resolveAll } from "./interpolation/resolve.ts";
import { mergeMaps, nest } from "./merge.ts";
import { emptyMap, type MapNode } from "./node.ts";
import { applyOverride } from "./override/apply-override.ts";
import { type Override, parseOverride } from "./override/parse-override.ts";
import type { SearchPath } from "./search-path.ts";

/** What is composed: a config by its name, and what the command line changes. */
export interface ComposeRequest {
  readonly searchPath: SearchPath;
  /** Path below a root, without `.yaml`. */
  readonly configName: string;
  readonly overrides: readonly string[];
  /** What `${oc.env:NAME}` sees. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Keys that `a.b=1` may set though no file has them, since a schema does. */
  readonly knownKeys?: () => readonly string[];
}

/** A config before it is checked: where each value comes from is still known. */
export interface Composition {
  readonly configName: string;
  /** The files that took part, and how. */
  readonly tree: TreeNode;
  /** `group` or `group@package` to the option that was composed. */
  readonly choices: ReadonlyMap<string, string | null>;
  /** Merged and overridden, with `${...}` as it was written. */
  readonly written: MapNode;
  /** The same with every `${...}` replaced. */
  readonly resolved: MapNode;
}

/**
 * Composes a config as Hydra does: defaults lists are followed, files merged in their order,
 * overrides applied, interpolations resolved. No schema is involved: any Hydra folder composes.
 */
export function compose({
  searchPath,
  configName,
  overrides,
  env,
  knownKeys = () => [],
}: ComposeRequest): Composition {
  searchPath.ensureRoots();
  const parsed = overrides.map(parseOverride);
  const isOfGroup = ({ key, value }: Override) => value?.kind !== "map" && searchPath.hasGroup(key);
  const { choices, added } = chooseOptions(parsed.filter(isOfGroup));
  const tree = expandDefaults(configName.replace(/\.yaml$/, ""), { searchPath, choices, added });
  choices.ensureUsed();
  const written = parsed
    .filter((override) => !isOfGroup(override))
    .reduce((config, override) => applyOverride(config, override, knownKeys), mergeTree(tree));
  return {
    configName,
    tree,
    choices: choices.known,
    written,
    resolved: resolveAll(written, { env }),
  };
}

/** What the command line says about groups: `db=mysql`, `+db=mysql`, `~db`. */
function chooseOptions(overrides: readonly Override[]) {
  const choices = new Choices();
  const added: GroupEntry[] = [];
  for (const override of overrides) {
    const { operation, key, source, package: pkg } = override;
    const option = optionOf(override);
    const full = pkg === null ? key : `${key}@${pkg === "" ? "_global_" : pkg}`;
    if (operation === "change") choices.choose(full, option, source);
    else if (operation === "delete") choices.delete(full, asName(override, option), source);
    else if (operation === "add") added.push(addedEntry(override, option));
    else {
      const message = "a group cannot be added by force";
      throw new ConfigOverrideError(override.text, message, `Write +${key}=OPTION.`);
    }
  }
  return { choices, added };
}

/** From the root, wherever the primary config lies: the command line has no folder. */
function addedEntry({ key, package: pkg, source }: Override, option: GroupEntry["option"]) {
  const rest = { package: pkg, isOptional: false, isOverride: false, source };
  return { kind: "group", group: `/${key}`, option, ...rest } satisfies GroupEntry;
}

function optionOf({ value, text }: Override): GroupEntry["option"] {
  if (value === null || (value.kind === "scalar" && value.value === null)) return null;
  if (value.kind === "scalar") return String(value.value);
  const names = value.kind === "list" ? value.items : [];
  return names.map((name) => {
    if (name.kind === "scalar" && typeof name.value === "string") return name.value;
    throw new ConfigOverrideError(text, "expected options by name", "Write group=[a,b].");
  });
}

function asName({ text }: Override, option: GroupEntry["option"]): string | null {
  if (option === null || typeof option === "string") return option;
  throw new ConfigOverrideError(text, "expected one option", "Write ~group, or ~group=option.");
}

/** All files of the tree, each below its package, the later over the earlier. */
function mergeTree(tree: TreeNode): MapNode {
  return contents(tree).reduce(mergeMaps, emptyMap(sourceOf(tree)));
}

function contents(node: TreeNode): readonly MapNode[] {
  return node.children.flatMap((child) => (child === "self" ? own(node) : contents(child)));
}

const sourceOf = ({ file }: TreeNode) =>
  file.node?.source ?? ({ kind: "file", path: file.path, line: 1, column: 1 } as const);

function own(tree: TreeNode): readonly MapNode[] {
  const { node } = tree.file;
  if (node === null || (node.kind === "scalar" && node.value === null)) return [];
  if (node.kind !== "map") {
    throw new ConfigYamlError(
      node.source,
      `expected keys and values at the top, got a ${node.kind}`,
    );
  }
  const entries = new Map(node.entries);
  entries.delete("defaults");
  const path = tree.package === "" ? [] : tree.package.split(".");
  return [nest({ ...node, entries }, path)];
}
