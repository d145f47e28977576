import { ConfigNotFoundError } from "../faults/errors.ts";
import { didYouMean } from "../faults/nearest.ts";
import { entryNamed, keyText, type MapNode, type Node } from "./node.ts";

/**
 * What `--package a.b` asks for: the part of a config at a dotted path; all of it for `_global_`.
 *
 * @throws {@link ConfigNotFoundError} when the config has no such part.
 */
export function selectPackage(config: MapNode, path: string): Node {
  if (path === "" || path === "_global_") return config;
  let node: Node = config;
  for (const key of path.split(".")) {
    const child: Node | undefined =
      node.kind === "map"
        ? entryNamed(node, key)?.node
        : node.kind === "list"
          ? node.items[Number(key)]
          : undefined;
    if (child === undefined) throw notFound(node, key, path);
    node = child;
  }
  return node;
}

function notFound(parent: Node, key: string, path: string): ConfigNotFoundError {
  const keys = parent.kind === "map" ? [...parent.entries.keys()].map(keyText) : [];
  const message = `the config has no ${path}${didYouMean(key, keys)}`;
  return new ConfigNotFoundError(message, "`--cfg job` prints all of the config.");
}
