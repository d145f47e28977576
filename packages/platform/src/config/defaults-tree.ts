import type { Choices } from "./choices.ts";
import {
  type ConfigEntry,
  type DefaultsEntry,
  type GroupEntry,
  readDefaults,
  type SelfEntry,
} from "./defaults-entry.ts";
import { ConfigDefaultsError, ConfigNotFoundError } from "./errors.ts";
import { didYouMean } from "./nearest.ts";
import { missing, type Node } from "./node.ts";
import { configPath, finalPackage, groupPath, overrideKey, type Place } from "./package.ts";
import type { SearchPath } from "./search-path.ts";
import { type Source, showSource } from "./source.ts";
import type { ConfigFile } from "./yaml-file.ts";

/** A config that takes part, with those that its defaults list brings, in the order of merging. */
export interface TreeNode {
  readonly configPath: string;
  readonly package: string;
  readonly file: ConfigFile;
  /** `self` is where the file's own content is merged. */
  readonly children: readonly (TreeNode | "self")[];
}

interface Expansion {
  readonly searchPath: SearchPath;
  readonly choices: Choices;
  /** Lines that the command line adds to the primary config's list. */
  readonly added: readonly GroupEntry[];
}

interface Parent extends Place {
  /** Configs above this one, and it, to find circles. */
  readonly trail: readonly string[];
  /** Below an option that follows another choice, when all overrides have been gathered. */
  readonly isDeferred: boolean;
}

/**
 * Follows defaults lists from the primary config.
 *
 * Lists are walked from their end, because an `override` further down must be known before the
 * group that it changes is met further up; an option such as `${dataset}_small` waits until its
 * neighbours are chosen. A config without `_self_` in its list comes after it.
 *
 * Source: Hydra 1.3 `_internal/defaults_list.py`, whose rules these are; errors say the place.
 */
export function expandDefaults(name: string, expansion: Expansion): TreeNode {
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
  return grow(entry, null, { file, parent: top, expansion, added: expansion.added });
}

interface Growing {
  readonly file: ConfigFile;
  readonly parent: Parent;
  readonly expansion: Expansion;
  readonly added: readonly GroupEntry[];
}

function grow(
  entry: ConfigEntry | GroupEntry,
  option: string | null,
  { file, parent, expansion, added }: Growing,
): TreeNode {
  const path = configPath(entry, parent, option);
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
  const list = [...withSelf(defaultsOf(file), file), ...added];
  registerOverrides(list, self, expansion.choices);
  const isLate = (one: DefaultsEntry) => isInterpolated(one, self, expansion.choices);
  const subtrees = new Map<DefaultsEntry, readonly (TreeNode | "self")[]>();
  for (const one of list.toReversed()) {
    if (!isLate(one)) subtrees.set(one, childrenOf(one, self, expansion));
  }
  for (const one of list.toReversed().filter(isLate)) {
    subtrees.set(one, childrenOf(one, { ...self, isDeferred: true }, expansion));
  }
  const children = list.flatMap((one) => subtrees.get(one) ?? []);
  return { configPath: path, package: pkg, file, children };
}

const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);

function isInterpolated(entry: DefaultsEntry, place: Place, choices: Choices): boolean {
  if (entry.kind === "self") return false;
  if (entry.kind === "config") return entry.path.includes("${");
  if (entry.isOverride || typeof entry.option !== "string") return false;
  const chosen = choices.chosenFor(overrideKey(entry, place, entry.option));
  const option = chosen ? chosen.option : entry.option;
  return typeof option === "string" && option.includes("${");
}

function defaultsOf(file: ConfigFile): readonly DefaultsEntry[] {
  const node: Node | undefined =
    file.node?.kind === "map" ? file.node.entries.get("defaults")?.node : undefined;
  return node === undefined ? [] : readDefaults(node);
}

/** The list with `_self_` at its end, unless it has one, or only `override` lines. */
function withSelf(list: readonly DefaultsEntry[], file: ConfigFile): readonly DefaultsEntry[] {
  const selves = list.filter((entry) => entry.kind === "self");
  const [, second] = selves;
  if (second) throw new ConfigDefaultsError(second.source, "_self_ stands twice in this list");
  if (selves.length === 1) return list;
  const source: Source = file.node?.source ?? { kind: "file", path: file.path, line: 1, column: 1 };
  return [...list, { kind: "self", source } satisfies SelfEntry];
}

function registerOverrides(list: readonly DefaultsEntry[], place: Parent, choices: Choices): void {
  let last: GroupEntry | undefined;
  for (const entry of list) {
    if (entry.kind === "group" && entry.isOverride) {
      if (place.isDeferred) {
        const message = "an override cannot stand below an option that follows another choice";
        throw new ConfigDefaultsError(entry.source, message);
      }
      last = entry;
      const option = typeof entry.option === "string" ? entry.option : null;
      choices.choose(overrideKey(entry, place, option), entry.option, entry.source);
    } else if (last && entry.kind !== "self" && entry.source.kind === "file") {
      const where = showSource(last.source);
      throw new ConfigDefaultsError(entry.source, `stands after the override at ${where}`);
    }
  }
}

function childrenOf(
  entry: DefaultsEntry,
  parent: Parent,
  expansion: Expansion,
): (TreeNode | "self")[] {
  if (entry.kind === "self") return ["self"];
  if (entry.kind === "config") return child(entry, null, parent, expansion);
  if (entry.isOverride) return [];
  const listed = typeof entry.option === "string" ? entry.option : null;
  const chosen = expansion.choices.chosenFor(overrideKey(entry, parent, listed));
  const { option, source } = chosen ?? entry;
  const choice = { ...entry, source };
  if (option === null || typeof option === "string")
    return child(choice, option, parent, expansion);
  const subtrees = option
    .toReversed()
    .map((name) => child(asConfig(choice, name), null, parent, expansion));
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

/** The subtree of one config, or nothing when it is deleted, null, or optional and not there. */
function child(
  listed: ConfigEntry | GroupEntry,
  listedOption: string | null,
  parent: Parent,
  expansion: Expansion,
): TreeNode[] {
  const { choices, searchPath } = expansion;
  const fill = (text: string) => interpolated(text, listed, choices);
  const entry = listed.kind === "config" ? { ...listed, path: fill(listed.path) } : listed;
  const option = listedOption === null ? null : fill(listedOption);
  if (entry.kind === "group") {
    const key = overrideKey(entry, parent, option);
    if (choices.isDeleted(key, option)) return [];
    choices.note(key, option, entry.source);
    if (option === null) return [];
    if (option === missing) throw optionNotGiven(key, groupPath(entry, parent), entry, searchPath);
  }
  const file = searchPath.load(configPath(entry, parent, option));
  if (file === null && entry.isOptional) return [];
  if (file === null) throw notFound(entry, option, parent, searchPath);
  return [grow(entry, option, { file, parent, expansion, added: [] })];
}

/** `- model: ${dataset}_small`: an option that follows another choice. */
function interpolated(text: string, { source }: DefaultsEntry, choices: Choices): string {
  return text.replaceAll(/\$\{([^{}]+)\}/g, (_, key: string) => {
    const chosen = choices.known.get(key.trim());
    if (typeof chosen === "string") return chosen;
    const groups = [...choices.known.keys()].join(", ");
    throw new ConfigDefaultsError(
      source,
      `\${${key}} is no choice made before; there are ${groups}`,
    );
  });
}

function primaryNotFound(name: string, searchPath: SearchPath): ConfigNotFoundError {
  const near = didYouMean(name, searchPath.all());
  return new ConfigNotFoundError(
    `no config ${name} in ${searchPath}${near}`,
    "`cello config list` prints the configs that can be run.",
  );
}

function notFound(
  entry: ConfigEntry | GroupEntry,
  option: string | null,
  parent: Parent,
  searchPath: SearchPath,
): ConfigNotFoundError {
  const path = configPath(entry, parent, option);
  const group = groupPath(entry, parent);
  const options = searchPath.options(group);
  return new ConfigNotFoundError(
    `${showSource(entry.source)}: no config ${path} in ${searchPath}${didYouMean(nameOf(path), options)}`,
    options.length > 0
      ? `Options of ${group}: ${options.join(", ")}.`
      : `There is no group ${group}.`,
  );
}

function optionNotGiven(
  key: string,
  group: string,
  { source }: DefaultsEntry,
  searchPath: SearchPath,
): ConfigDefaultsError {
  const options = searchPath.options(group).join(", ");
  const message = `${key} must be chosen: ${key}=OPTION; there are ${options}`;
  return new ConfigDefaultsError(source, message, `Add ${key}=OPTION to the command.`);
}
