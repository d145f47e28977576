import type { ConfigEntry, GroupEntry } from "./defaults-entry.ts";

/**
 * Where in the composed config a file's content goes: its package, a dotted path, "" for the top.
 * By default it is the file's group below the parent's package; a `@package` in the defaults list
 * changes that, and so does the file's own header, which the list overrules.
 *
 * Source: Hydra 1.3 `core/default_element.py`; written anew as functions of the entry.
 */

/** What an entry inherits from the config whose list it stands in. */
export interface Place {
  /** Folder of that config; "" for a root. */
  readonly group: string;
  readonly package: string;
}

type Named = ConfigEntry | GroupEntry;

/** The folder that the entry's config lies in. */
export function groupPath(entry: Named, { group }: Place): string {
  const own = ownGroup(entry);
  if (isAbsolute(entry) || group === "") return own;
  return own === "" ? group : `${group}/${own}`;
}

/** The config's name in the search path; `option` is what was chosen in the end. */
export function configPath(entry: Named, place: Place, option: string | null): string {
  const folder = groupPath(entry, place);
  const name = entry.kind === "group" ? option : entry.path.slice(entry.path.lastIndexOf("/") + 1);
  return folder === "" ? `${name}` : `${folder}/${name}`;
}

/** @param header - of the config's file, or null. */
export function finalPackage(
  entry: Named,
  place: Place,
  { header, option }: { readonly header: string | null; readonly option: string | null },
): string {
  const group = groupPath(entry, place).replaceAll("/", ".");
  const listed = entry.package?.includes("_group_")
    ? `_global_.${entry.package.replaceAll("_group_", group)}`
    : entry.package;
  const written = listed ?? absolute(header, group);
  // a group may be called same_name_as: only what was written as a package has keywords
  const named = written === null ? ownGroup(entry).replaceAll("/", ".") : withName(written, option);
  return afterGlobal([place.package, named].filter((part) => part !== "").join("."));
}

/** How an override names the entry: its group, with `@package` when that is not the usual one. */
export function overrideKey(entry: GroupEntry, place: Place, option: string | null): string {
  const group = groupPath(entry, place);
  const pkg = finalPackage(entry, place, { header: null, option });
  return pkg === group.replaceAll("/", ".") ? group : `${group}@${pkg === "" ? "_global_" : pkg}`;
}

const withName = (path: string, option: string | null) =>
  path
    .split(".")
    .map((part) => (part === "_name_" && option !== null ? option : part))
    .filter((part) => part !== "")
    .join(".");

const isAbsolute = (entry: Named) =>
  (entry.kind === "group" ? entry.group : entry.path).startsWith("/");

/** The group as written, without the root's slash. */
function ownGroup(entry: Named): string {
  if (entry.kind === "group") return entry.group.replace(/^\//, "");
  const path = entry.path.replace(/^\//, "");
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** A header is always absolute, but `_group_`, which is what is done without one. */
function absolute(header: string | null, group: string): string | null {
  if (header === null || header === "_group_") return null;
  const full =
    header === "_global_" || header.startsWith("_global_.") ? header : `_global_.${header}`;
  return full.replaceAll("_group_", group);
}

/** What stands before the last `_global_` does not count. */
function afterGlobal(path: string): string {
  const at = path.lastIndexOf("_global_");
  return at < 0 ? path : path.slice(at + "_global_".length + 1);
}
