import { ConfigOverrideError } from "../faults/errors.ts";
import { childOf, isMissing, isNull, type MapNode, type Node } from "../node/node.ts";
import { pythonRepr } from "../node/python-text.ts";
import { notThere } from "./not-there.ts";
import type { Override } from "./parse-override.ts";

export interface TakeAwayOptions {
  /** The value at a path with its references followed; undefined where there is none. */
  readonly resolved: (config: MapNode, path: readonly string[]) => Node | undefined;
  /** Where what a path leads to is written, references followed; null for what none has written. */
  readonly placeOf: (config: MapNode, path: readonly string[]) => readonly string[] | null;
}

/**
 * The config without a key. `~a=1` takes `a` away only when it is 1.
 *
 * @throws {@link ConfigOverrideError} when it is not there, or not that.
 */
export function takeAway(
  config: MapNode,
  path: readonly string[],
  override: Override,
  { resolved, placeOf }: TakeAwayOptions,
): MapNode {
  const current = resolved(config, path);
  if (current === undefined) throw notThere(config, path, override, []);
  if (isNull(current) || isMissing(current)) {
    const message = `${override.key} has no value that could be taken away`;
    throw new ConfigOverrideError(override.text, message, "Leave the override out.");
  }
  const isAny = override.value === null || isNull(override.value);
  if (!isAny && override.value && !isEqual(current, override.value)) {
    const message = `${override.key} is ${pythonRepr(current)}, not ${pythonRepr(override.value)}`;
    throw new ConfigOverrideError(
      override.text,
      message,
      `Write ~${override.key} to take it away.`,
    );
  }
  const owner = placeOf(config, path.slice(0, -1));
  if (owner !== null) return remove(config, [...owner, path.at(-1) ?? ""], override) as MapNode;
  const message = `${path.slice(0, -1).join(".")} is what a function makes, so nothing can be taken away`;
  throw new ConfigOverrideError(override.text, message, "Give the whole value anew.");
}

/** As Python compares: 1, 1.0 and true are equal. */
function isEqual(a: Node, b: Node): boolean {
  if (a.kind === "scalar" && b.kind === "scalar") {
    const isNumber = (x: unknown) => typeof x === "number" || typeof x === "boolean";
    if (isNumber(a.value) && isNumber(b.value)) return Number(a.value) === Number(b.value);
    return a.value === b.value;
  }
  if (a.kind === "list" && b.kind === "list") {
    const { items } = b;
    return (
      a.items.length === items.length &&
      a.items.every((item, i) => items[i] !== undefined && isEqual(item, items[i]))
    );
  }
  if (a.kind !== "map" || b.kind !== "map" || a.entries.size !== b.entries.size) return false;
  return [...a.entries].every(([key, { node }]) => {
    const other = b.entries.get(key)?.node;
    return other !== undefined && isEqual(node, other);
  });
}

function remove(node: Node, [key = "", ...rest]: readonly string[], override: Override): Node {
  const child = childOf(node, key);
  if (node.kind !== "map" || child === undefined) {
    const message = `only keys of a mapping can be taken away, and ${key} is none`;
    throw new ConfigOverrideError(override.text, message, "Give the whole list anew.");
  }
  const entries = new Map(node.entries);
  const old = entries.get(key);
  if (rest.length === 0) entries.delete(key);
  else if (old) entries.set(key, { ...old, node: remove(child, rest, override) });
  return { ...node, entries };
}
