import { basename, relative, resolve } from "node:path";
import type { SearchPath } from "./search-path.ts";

/**
 * The name of the config that `--config-name` means: as it stands, without `.yaml`, or without the
 * name of the folder that is searched, since people write `configs/experiments/x.yaml`; a file in a
 * folder that is searched may be named by its whole path, as shells complete it.
 */
export function primaryName(given: string, searchPath: SearchPath): string {
  const name = given.replace(/^(?:\.\/)+/, "").replace(/\.yaml$/, "");
  if (searchPath.has(name)) return name;
  if (name.startsWith("/")) {
    const inside = searchPath.roots.map((root) => relative(resolve(root), name));
    return inside.find((path) => searchPath.has(path)) ?? name;
  }
  const folders = new Set(["configs", ...searchPath.roots.map((root) => basename(root))]);
  const [first = "", ...rest] = name.split("/");
  const below = rest.join("/");
  return folders.has(first) && searchPath.has(below) ? below : name;
}
