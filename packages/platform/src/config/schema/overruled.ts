import { isDeepStrictEqual } from "node:util";
import { childOf, isNull, type MapNode, type Node, nodeAt, toPlain } from "../node/node.ts";
import type { Source } from "../node/source.ts";
import { dottedKeys, targetOf } from "./read-targets.ts";
import { sameKeys } from "./same-keys.ts";

/** Where a value is: keys, and places in lists. */
type Path = readonly string[];

/** A value that does not count. */
export interface Overruled {
  readonly path: Path;
  /** The place of the value that does, which says the same of the run; null: it follows from others. */
  readonly by: Path | null;
}

/**
 * Of two values that say the same of a run, and differ, the one that nobody wrote for it: a default
 * of the program's own option files. What somebody wrote beside it counts, and of two defaults the one
 * that is not null; two that are both written stay, for the checks to complain of.
 *
 * @param config - resolved.
 */
export function overruled(
  config: MapNode,
  isDefault: (source: Source) => boolean,
): readonly Overruled[] {
  const isUnsaid = (path: Path) => {
    const node = nodeAt(config, path);
    return node !== undefined && isDefault(node.source);
  };
  const pairs = [...targetPairs(config, []), ...sameKeyPairs(config)];
  const disagreeing = pairs.flatMap(([a, b]) => {
    const [first, second] = [nodeAt(config, a), nodeAt(config, b)];
    if (first === undefined || second === undefined) return [];
    const areBoth = isDefault(first.source) && isDefault(second.source);
    const loses = (node: Node) => (areBoth ? isNull(node) : isDefault(node.source));
    if (loses(first) === loses(second)) return [];
    return [loses(first) ? { path: a, by: b } : { path: b, by: a }];
  });
  return [...disagreeing, ...following.filter(isUnsaid).map((path) => ({ path, by: null }))];
}

/** Keys whose values follow from others: a default is right by chance, and says nothing. */
const following: readonly Path[] = [["deepspeed", "gradient_accumulation_steps"]];

/** The config without these values. */
export const without = (config: MapNode, values: readonly Overruled[]): MapNode =>
  values.reduce<Node>((node, { path }) => removed(node, path), config) as MapNode;

/** `_target_` and the `kind` beside it, where they do not mean the same. */
function* targetPairs(node: Node, path: Path): Generator<readonly [Path, Path]> {
  if (node.kind === "list") {
    for (const [i, item] of node.items.entries()) yield* targetPairs(item, [...path, `${i}`]);
  }
  if (node.kind !== "map") return;
  for (const [key, { node: child }] of node.entries) {
    if (!dottedKeys.has(key)) {
      yield* targetPairs(child, [...path, key]);
      continue;
    }
    const target = targetOf(child);
    if (target === undefined || !("name" in target)) continue;
    const beside = childOf(node, target.key);
    const isOther = beside?.kind === "scalar" && beside.value !== target.name;
    if (isOther)
      yield [
        [...path, key],
        [...path, target.key],
      ];
  }
}

function* sameKeyPairs(config: MapNode): Generator<readonly [Path, Path]> {
  for (const { from, to } of sameKeys) {
    const [a, b] = [from.split("."), to.split(".")];
    const [here, there] = [nodeAt(config, a), nodeAt(config, b)];
    if (here && there && !isDeepStrictEqual(toPlain(here), toPlain(there))) yield [a, b];
  }
}

function removed(node: Node, [key = "", ...rest]: Path): Node {
  if (node.kind === "list") {
    const items = node.items.map((item, i) => (`${i}` === key ? removed(item, rest) : item));
    return { ...node, items };
  }
  if (node.kind !== "map") return node;
  const entries = new Map(node.entries);
  const entry = entries.get(key);
  if (rest.length === 0) entries.delete(key);
  else if (entry) entries.set(key, { ...entry, node: removed(entry.node, rest) });
  return { ...node, entries };
}
