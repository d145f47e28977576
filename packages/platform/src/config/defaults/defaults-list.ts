import { ConfigDefaultsError } from "../faults/errors.ts";
import type { Faults } from "../faults/faults.ts";
import { missing, type Node } from "../node/node.ts";
import { type Source, showSource } from "../node/source.ts";
import type { SearchPath } from "../search/search-path.ts";
import type { ConfigFile } from "../yaml/yaml-file.ts";
import type { Choices } from "./choices.ts";
import {
  type DefaultsEntry,
  type GroupEntry,
  readDefaults,
  type SelfEntry,
} from "./defaults-entry.ts";
import { notFound } from "./defaults-faults.ts";
import { configPath, overrideKey, type Place } from "./package.ts";

/** The config whose list it is. */
export interface Parent extends Place {
  /** Configs above this one, and it, to find circles. */
  readonly trail: readonly string[];
  /** Below an option that follows another choice, when all overrides have been gathered. */
  readonly isDeferred: boolean;
}

/** Whether it waits until its neighbours are chosen. */
export function isInterpolated(entry: DefaultsEntry, place: Place, choices: Choices): boolean {
  if (entry.kind === "self") return false;
  if (entry.kind === "config") return entry.path.includes("${");
  if (entry.isOverride || typeof entry.option !== "string") return false;
  const chosen = choices.chosenFor(overrideKey(entry, place, entry.option));
  const option = chosen ? chosen.option : entry.option;
  return typeof option === "string" && option.includes("${");
}

/** The `defaults:` list of a file. */
export function defaultsOf(file: ConfigFile): readonly DefaultsEntry[] {
  const node: Node | undefined =
    file.node?.kind === "map" ? file.node.entries.get("defaults")?.node : undefined;
  return node === undefined ? [] : readDefaults(node);
}

/** The list with `_self_` at its end, unless it has one. */
export function withSelf(
  list: readonly DefaultsEntry[],
  file: ConfigFile,
): readonly DefaultsEntry[] {
  const selves = list.filter((entry) => entry.kind === "self");
  const [, second] = selves;
  if (second) throw new ConfigDefaultsError(second.source, "_self_ stands twice in this list");
  if (selves.length === 1) return list;
  const source: Source = file.node?.source ?? { kind: "file", path: file.path, line: 1, column: 1 };
  return [...list, { kind: "self", source } satisfies SelfEntry];
}

/** Remembers what the `override` lines of a list choose. */
export function registerOverrides(
  list: readonly DefaultsEntry[],
  place: Parent,
  choices: Choices,
): void {
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

interface Chosen {
  readonly choices: Choices;
  readonly searchPath: SearchPath;
  /** What the command line asks for in vain; what the list says stays, or nothing is added. */
  readonly faults: Faults;
}

/** The entry as the command line, or an `override` line, has it. */
export function chosenEntry(
  entry: GroupEntry,
  parent: Parent,
  { choices, searchPath, faults }: Chosen,
): GroupEntry {
  const listed = typeof entry.option === "string" ? entry.option : null;
  const chosen = choices.chosenFor(overrideKey(entry, parent, listed));
  if (chosen === null) return entry;
  const { option, source } = chosen;
  const choice = { ...entry, option, source };
  if (source.kind === "file" || entry.isOptional) return choice;
  const names = typeof option === "string" ? [option] : (option ?? []);
  const isKnown = (name: string) =>
    name.includes("${") || name === missing || searchPath.has(configPath(entry, parent, name));
  const unknown = names.filter((name) => !isKnown(name));
  for (const name of unknown) faults.add(notFound(choice, name, parent, searchPath));
  if (unknown.length === 0) return choice;
  return entry.option === missing ? { ...entry, option: null } : entry; // it is asked for, in vain
}
