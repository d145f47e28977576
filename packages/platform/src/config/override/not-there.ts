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
  const isThere = (part: readonly string[]) =>
    nodeAt(config, part) !== undefined || isInside(knownKeys, part.join("."));
  const depth = path.findIndex((_, i) => !isThere(path.slice(0, i + 1)));
  const [parent, name = ""] = [path.slice(0, depth), path[depth]];
  const node = nodeAt(config, parent);
  const known = knownKeys.filter((key) => isChild(key, parent)).map(last);
  const siblings = [...(node?.kind === "map" ? node.entries.keys() : []), ...known];
  const owner = parent.length === 0 ? "the config" : parent.join(".");
  const message = `${owner} has no key ${name}${didYouMean(name, siblings)}`;
  const isOfList = /^\d+$/.test(name) && node?.kind !== "map";
  const whole = `Give the whole list: ${owner}=[...].`;
  const hint =
    override.operation === "delete"
      ? "Leave the override out, or correct its key."
      : isOfList
        ? whole
        : addingHint(override);
  return new ConfigOverrideError(override.text, message, hint);
}

/** Whether a key, or one inside of it, is known though no file has it. */
const isInside = (knownKeys: readonly string[], part: string) =>
  knownKeys.some((key) => key === part || key.startsWith(`${part}.`));

const last = (key: string) => key.slice(key.lastIndexOf(".") + 1);
const isChild = (key: string, parent: readonly string[]) =>
  key === [...parent, last(key)].join(".");

export const addingHint = ({ text }: Override) =>
  `To add a key that is not there, write +${text.replace(/^[+~]+/, "")}.`;
