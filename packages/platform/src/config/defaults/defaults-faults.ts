import { ConfigDefaultsError, ConfigNotFoundError } from "../faults/errors.ts";
import { didYouMean } from "../faults/nearest.ts";
import type { SearchPath } from "../search/search-path.ts";
import type { ConfigEntry, GroupEntry } from "./defaults-entry.ts";
import { configPath, groupPath, overrideKey, type Place } from "./package.ts";

// What is said when a defaults list names what there is not: the nearest name, and what there is.

export function primaryNotFound(name: string, searchPath: SearchPath): ConfigNotFoundError {
  const names = [...new Set(searchPath.all())];
  const some = names.length > maxNames ? [...names.slice(0, maxNames), "..."] : names;
  return new ConfigNotFoundError(
    `no config ${name} in ${searchPath}${didYouMean(name, names)}`,
    `There are ${some.join(", ")}; \`cello config list [--config-dir DIR]\` prints those that can be run.`,
  );
}

/** Of a folder of one's own all are seen at once; of ours, the first. */
const maxNames = 6;

export function notFound(
  entry: ConfigEntry | GroupEntry,
  option: string | null,
  parent: Place,
  searchPath: SearchPath,
): ConfigNotFoundError {
  const path = configPath(entry, parent, option);
  const group = groupPath(entry, parent);
  const options = searchPath.options(group);
  const near = didYouMean(path.slice(path.lastIndexOf("/") + 1), options);
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
