import { ConfigDefaultsError } from "../faults/errors.ts";
import { Faults } from "../faults/faults.ts";
import { missing } from "../node/node.ts";
import type { Source } from "../node/source.ts";
import type { SearchPath } from "../search/search-path.ts";
import type { ConfigFile } from "../yaml/yaml-file.ts";
import type { Choices } from "./choices.ts";
import type { ConfigEntry, DefaultsEntry, GroupEntry } from "./defaults-entry.ts";
import { notFound, optionNotGiven, primaryNotFound } from "./defaults-faults.ts";
import {
  chosenEntry,
  defaultsOf,
  isInterpolated,
  type Parent,
  registerOverrides,
  withSelf,
} from "./defaults-list.ts";
import { configPath, finalPackage, groupPath, overrideKey, type Place } from "./package.ts";
import { ensureOnce, type TreeNode } from "./tree-node.ts";

interface Expansion {
  readonly searchPath: SearchPath;
  readonly choices: Choices;
  /** Lines that the command line adds to the primary config's list. */
  readonly added: readonly GroupEntry[];
  /** `- db: ???` brings nothing, since each run of a sweep will choose. */
  readonly skipsMissing: boolean;
  /** Resolves `${db}_small` by the choices made so far. */
  readonly fill: (text: string, known: Known, source: Source) => string;
  /** What the command line asks for in vain; what the list says stays, or nothing is added. */
  readonly faults: Faults;
}

/** Far more than people write; two lists that name two each, thirty times, are a billion. */
const maxConfigs = 2000;

interface Counted extends Expansion {
  readonly count: { configs: number };
  /** What the lists ask for in vain: all of it is looked for before it is said. */
  readonly gaps: Faults;
}

type Known = ReadonlyMap<string, string | null>;

/**
 * Follows defaults lists from the primary config.
 *
 * Lists are walked from their end, because an `override` further down must be known before the
 * group that it changes is met further up; an option such as `${dataset}_small` waits until its
 * neighbours are chosen. A config without `_self_` in its list comes after it.
 *
 * Source: Hydra 1.3 `_internal/defaults_list.py`, whose rules these are; errors say the place.
 */
export function expandDefaults(name: string, request: Expansion): TreeNode {
  const gaps = new Faults();
  const expansion: Counted = { ...request, count: { configs: 0 }, gaps };
  const primary = root(name, expansion, expansion.added);
  const hydra = root("hydra/config", expansion, []); // after ours, which may override its groups
  const top: TreeNode = {
    label: "<root>",
    configPath: "",
    package: "",
    file: null,
    children: [hydra, primary],
    hasList: true,
    isPrimary: false,
    key: null,
    source: primary.source,
    folder: "",
  };
  gaps.ensureNone(name);
  ensureOnce(top, new Map());
  return top;
}

function root(name: string, expansion: Counted, added: readonly GroupEntry[]): TreeNode {
  const file = expansion.searchPath.load(name);
  if (file === null) throw primaryNotFound(name, expansion.searchPath);
  const source: Source = { kind: "file", path: file.path, line: 1, column: 1 };
  const entry: ConfigEntry = {
    kind: "config",
    path: name,
    package: null,
    isOptional: false,
    source,
  };
  const top: Parent = { group: "", package: "", trail: [], isDeferred: false };
  return grow(entry, null, { file, parent: top, expansion, added });
}

interface Growing {
  readonly file: ConfigFile;
  readonly parent: Parent;
  readonly expansion: Counted;
  readonly added: readonly GroupEntry[];
}

function grow(
  entry: ConfigEntry | GroupEntry,
  option: string | null,
  { file, parent, expansion, added }: Growing,
): TreeNode {
  const path = configPath(entry, parent, option);
  if (++expansion.count.configs > maxConfigs) {
    const message = `defaults lists bring more than ${maxConfigs} configs`;
    throw new ConfigDefaultsError(entry.source, message);
  }
  if (parent.trail.includes(path)) {
    const circle = [...parent.trail.slice(parent.trail.indexOf(path)), path].join(" -> ");
    throw new ConfigDefaultsError(entry.source, `defaults lists go in a circle: ${circle}`);
  }
  const pkg = finalPackage(entry, parent, { header: file.packageHeader, option: nameOf(path) });
  const self: Parent = {
    group: groupPath(entry, parent),
    package: pkg,
    trail: [...parent.trail, path],
    isDeferred: parent.isDeferred,
  };
  const written = defaultsOf(file);
  const list = [...withSelf(written, file), ...added];
  registerOverrides(list, self, expansion.choices);
  const isLate = (one: DefaultsEntry) => isInterpolated(one, self, expansion.choices);
  const subtrees = new Map<DefaultsEntry, readonly (TreeNode | "self")[]>();
  for (const one of list.toReversed()) {
    if (!isLate(one)) subtrees.set(one, childrenOf(one, self, expansion, null));
  }
  const known = new Map(expansion.choices.known);
  for (const one of list.toReversed().filter(isLate)) {
    subtrees.set(one, childrenOf(one, { ...self, isDeferred: true }, expansion, known));
  }
  const children = list.flatMap((one) => subtrees.get(one) ?? []);
  const hasList =
    added.length > 0 || written.some((one) => one.kind !== "group" || !one.isOverride);
  const folder = parent.group;
  return {
    label: labelOf(entry, option, parent),
    configPath: path,
    package: pkg,
    file,
    children,
    hasList,
    isPrimary: parent.trail.length === 0 && path !== "hydra/config",
    key: entry.kind === "group" ? overrideKey(entry, parent, option) : null,
    source: entry.source,
    folder,
  };
}

function labelOf(entry: ConfigEntry | GroupEntry, option: string | null, parent: Place): string {
  if (entry.kind === "config") return configPath(entry, parent, null);
  return `${overrideKey(entry, parent, option)}: ${option}`;
}

const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);

function childrenOf(
  entry: DefaultsEntry,
  parent: Parent,
  expansion: Counted,
  known: Known | null,
): (TreeNode | "self")[] {
  if (entry.kind === "self") return ["self"];
  const place = { parent, expansion, known };
  if (entry.kind === "config") return child(entry, null, place);
  if (entry.isOverride) return [];
  const choice = chosenEntry(entry, parent, expansion);
  const { option, source } = choice;
  if (option === null || typeof option === "string") return child(choice, option, place);
  const wrong = option.find((name) => name.includes("${"));
  if (wrong !== undefined) {
    const message = `an option of a list cannot follow another choice, as ${wrong} does`;
    throw new ConfigDefaultsError(source, message);
  }
  const subtrees = option.toReversed().map((name) => child(asConfig(choice, name), null, place));
  return subtrees.toReversed().flat();
}

/** One of a list of options is a config by its path. */
const asConfig = (entry: GroupEntry, option: string): ConfigEntry => ({
  kind: "config",
  path: `${entry.group}/${option}`,
  package: entry.package,
  isOptional: entry.isOptional,
  source: entry.source,
});

interface ChildPlace {
  readonly parent: Parent;
  readonly expansion: Counted;
  /** What `${db}` may name: choices made before any that follow others; null where none do. */
  readonly known: Known | null;
}

/** The subtree of one config; without a file when it is deleted, null, or optional and not there. */
function child(
  listed: ConfigEntry | GroupEntry,
  listedOption: string | null,
  { parent, expansion, known }: ChildPlace,
): TreeNode[] {
  const { choices, searchPath, faults, gaps } = expansion;
  const fill = (text: string) =>
    known && text.includes("${") ? expansion.fill(text, known, listed.source) : text;
  const entry = listed.kind === "config" ? { ...listed, path: fill(listed.path) } : listed;
  const option = listedOption === null ? null : fill(listedOption);
  const path = configPath(entry, parent, option);
  const leaf: TreeNode = {
    label: labelOf(entry, option, parent),
    configPath: path,
    package: "",
    file: null,
    children: [],
    hasList: false,
    isPrimary: false,
    key: null,
    source: entry.source,
    folder: parent.group,
  };
  if (entry.kind === "group") {
    const key = overrideKey(entry, parent, option);
    if (choices.isDeleted(key, option)) return [leaf];
    choices.note(key, option, entry.source);
    if (option === null) return [leaf];
  }
  if (path.endsWith(missing)) {
    if (!expansion.skipsMissing) gaps.add(optionNotGiven(entry, option, parent, searchPath));
    return [leaf];
  }
  const file = gaps.attempt(() => searchPath.load(path), undefined);
  if (file === undefined || (file === null && entry.isOptional)) return [leaf];
  if (file === null) {
    const isAsked = entry.source.kind === "override";
    (isAsked ? faults : gaps).add(notFound(entry, option, parent, searchPath));
    return [leaf];
  }
  return [grow(entry, option, { file, parent, expansion, added: [] })];
}
