import { ConfigOverrideError } from "../errors.ts";
import { merge } from "../merge.ts";
import { didYouMean } from "../nearest.ts";
import { emptyMap, type MapNode, type Node, nodeAt, toPlain } from "../node.ts";
import type { Override } from "./parse-override.ts";

/**
 * The config after one override of a key.
 *
 * `a=1` changes what is there, `+a=1` adds what is not, `++a=1` does either, `~a` takes away; a
 * mapping is merged into the one that is there.
 *
 * Source: Hydra 1.3 `ConfigLoaderImpl._apply_overrides_to_config`.
 *
 * @throws {@link ConfigOverrideError} when there is nothing to change, or something to add over.
 */
export function applyOverride(
  config: MapNode,
  override: Override,
  knownKeys: () => readonly string[] = () => [],
): MapNode {
  if (override.package !== null) {
    const message = `${override.key} is no group of the search path, so @ means nothing`;
    throw new ConfigOverrideError(
      override.text,
      message,
      "Take the @... away, or correct the group.",
    );
  }
  const path = override.key.split(".");
  const value: Node = override.value ?? { kind: "scalar", value: null, source: override.source };
  const current = nodeAt(config, path);
  switch (override.operation) {
    case "change":
      if (current === undefined && !knownKeys().includes(override.key)) {
        throw notThere(config, path, override, knownKeys());
      }
      return set(config, path, over(current, value));
    case "add":
      if (current !== undefined && value.kind === "scalar" && !isNull(current)) {
        throw alreadyThere(override);
      }
      return set(config, path, over(current, value));
    case "force-add":
      return set(config, path, over(current, value));
    case "delete":
      if (current === undefined) throw notThere(config, path, override, []);
      if (override.value !== null) requireEqual(current, override);
      return remove(config, path) as MapNode;
    default:
      return override.operation satisfies never;
  }
}

/** Unlike in a file, `a=???` takes the value away. */
const over = (current: Node | undefined, value: Node): Node =>
  value.kind === "map" ? merge(current, value) : value;

const isNull = (node: Node) => node.kind === "scalar" && node.value === null;

/** `node` with `value` at `path`; mappings that are not there are made. */
function set(node: MapNode, path: readonly string[], value: Node): MapNode;
function set(node: Node, path: readonly string[], value: Node): Node;
function set(node: Node, [key, ...rest]: readonly string[], value: Node): Node {
  if (key === undefined) return value;
  if (node.kind === "list") {
    const items = node.items.map((item, i) =>
      i === indexOf(node, key) ? set(item, rest, value) : item,
    );
    return { ...node, items };
  }
  const map = node.kind === "map" ? node : emptyMap(value.source);
  const old = map.entries.get(key);
  const child = set(old?.node ?? emptyMap(value.source), rest, value);
  const entry = { keySource: old?.keySource ?? value.source, node: child };
  return { ...map, entries: new Map([...map.entries, [key, entry]]) };
}

function remove(node: Node, [key = "", ...rest]: readonly string[]): Node {
  if (node.kind === "list") {
    const at = indexOf(node, key);
    const items = node.items.flatMap((item, i) =>
      i !== at ? [item] : rest.length === 0 ? [] : [remove(item, rest)],
    );
    return { ...node, items };
  }
  if (node.kind !== "map") return node;
  const entries = new Map(node.entries);
  const old = entries.get(key);
  if (rest.length === 0) entries.delete(key);
  else if (old) entries.set(key, { ...old, node: remove(old.node, rest) });
  return { ...node, entries };
}

const indexOf = (list: Extract<Node, { kind: "list" }>, key: string) =>
  Number(key) < 0 ? list.items.length + Number(key) : Number(key);

function notThere(
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
  const hint = `To add a key that is not there, write +${override.text.replace(/^[+~]+/, "")}.`;
  return new ConfigOverrideError(override.text, message, hint);
}

const last = (key: string) => key.slice(key.lastIndexOf(".") + 1);
const isChild = (key: string, parent: readonly string[]) =>
  key === [...parent, last(key)].join(".");

function alreadyThere(override: Override) {
  return new ConfigOverrideError(
    override.text,
    `${override.key} is already there, and + only adds`,
    `Write ${override.text.slice(1)} to change it, or +${override.text} to do either.`,
  );
}

/** `~a=1` takes `a` away only when it is 1. */
function requireEqual(current: Node, override: Override): void {
  const text = (node: Node) => JSON.stringify(toPlain(node));
  if (override.value && text(current) !== text(override.value)) {
    const message = `${override.key} is ${text(current)}, not ${text(override.value)}`;
    throw new ConfigOverrideError(
      override.text,
      message,
      `Write ~${override.key} to take it away.`,
    );
  }
}
