import { ConfigOverrideError } from "../faults/errors.ts";
import { didYouMean } from "../faults/nearest.ts";
import { type MapNode, nodeAt } from "../node/node.ts";
import type { Override } from "./parse-override.ts";

/** What is said of a key that is not there, with the nearest that is. */
export function notThere(
  config: MapNode,
  path: readonly string[],
  override: Override,
  knownKeys: readonly string[],
) {
  const depth = path.findIndex((_, i) => nodeAt(config, path.slice(0, i + 1)) === undefined);
  const [parent, name = ""] = [path.slice(0, depth), path[depth]];
  const node = nodeAt(config, parent);
  const known = knownKeys.filter((key) => isChild(key, parent)).map(last);
  const siblings = [...(node?.kind === "map" ? node.entries.keys() : []), ...known];
  const owner = parent.length === 0 ? "the config" : parent.join(".");
  const message = `${owner} has no key ${name}${didYouMean(name, siblings)}`;
  const hint =
    override.operation === "delete"
      ? "Leave the override out, or correct its key."
      : addingHint(override);
  return new ConfigOverrideError(override.text, message, hint);
}

const last = (key: string) => key.slice(key.lastIndexOf(".") + 1);
const isChild = (key: string, parent: readonly string[]) =>
  key === [...parent, last(key)].join(".");

export const addingHint = ({ text }: Override) =>
  `To add a key that is not there, write +${text.replace(/^[+~]+/, "")}.`;
