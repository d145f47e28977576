import { ConfigDefaultsError, ConfigNotFoundError } from "../faults/errors.ts";
import { didYouMean, nearest } from "../faults/nearest.ts";
import type { SearchPath } from "../search/search-path.ts";
import type { ConfigEntry, GroupEntry } from "./defaults-entry.ts";
import { configPath, groupPath, overrideKey, type Place } from "./package.ts";

// What is said when a defaults list names what there is not: the nearest name, and what there is.

export function primaryNotFound(name: string, searchPath: SearchPath): ConfigNotFoundError {
  const names = [...new Set(searchPath.all())].toSorted((a, b) => rank(a) - rank(b));
  const some = names.length > maxNames ? [...names.slice(0, maxNames), "..."] : names;
  return new ConfigNotFoundError(
    `no config ${name} in ${searchPath}${didYouMean(name, names) || inAnyFolder(name, names)}`,
    `There are ${some.join(", ")}; \`cello config list [--config-dir DIR]\` prints those that can be run.`,
  );
}

/** Of a folder of one's own all are seen at once; of ours, the first. */
const maxNames = 6;

/** What is run stands before what it is made of. */
const rank = (name: string) => (name.includes("/") ? (name.startsWith("experiments/") ? 1 : 2) : 0);

const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);

/** `nuclei_mae` for experiments/nuclei_mae: the folder belongs to the name, and is forgotten. */
function inAnyFolder(name: string, names: readonly string[]): string {
  const meant = nearest(nameOf(name), names.map(nameOf));
  const full = names.filter((one) => nameOf(one) === meant);
  return meant === undefined ? "" : `; did you mean ${full.slice(0, 3).join(" or ")}?`;
}

export function notFound(
  entry: ConfigEntry | GroupEntry,
  option: string | null,
  parent: Place,
  searchPath: SearchPath,
): ConfigNotFoundError {
  const path = configPath(entry, parent, option);
  const group = groupPath(entry, parent);
  const options = searchPath.options(group);
  const near = didYouMean(nameOf(path), options);
  const hint =
    options.length > 0
      ? `Options of ${group}: ${options.join(", ")}.`
      : `There is no group ${group}.`;
  return new ConfigNotFoundError(`no config ${path} in ${searchPath}${near}`, hint, entry.source);
}

export function optionNotGiven(
  entry: ConfigEntry | GroupEntry,
  option: string | null,
  parent: Place,
  searchPath: SearchPath,
): ConfigDefaultsError {
  const { source } = entry;
  if (entry.kind === "config") {
    return new ConfigDefaultsError(source, "a config by its path cannot be left open");
  }
  const key = overrideKey(entry, parent, option);
  const options = searchPath.options(groupPath(entry, parent)).join(", ");
  const message = `${key} must be chosen: ${key}=OPTION; there are ${options}`;
  return new ConfigDefaultsError(source, message, `Add ${key}=OPTION to the command.`);
}
