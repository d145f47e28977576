import { type Entry, isMissing, type MapNode, type Node } from "./node.ts";

/**
 * `over` on top of `under`: mappings are merged key by key, all else is replaced. A key keeps its
 * first position. `???` replaces nothing: it asks for a value, and does not take one away.
 *
 * Source: OmegaConf 2.3 `BaseContainer._map_merge`.
 */
export function merge(under: Node | undefined, over: Node): Node {
  if (under === undefined) return over;
  if (isMissing(over)) return under;
  return under.kind === "map" && over.kind === "map" ? mergeMaps(under, over) : over;
}

export function mergeMaps(under: MapNode, over: MapNode): MapNode {
  const entries = new Map<string, Entry>(under.entries);
  for (const [key, { node, keySource }] of over.entries) {
    entries.set(key, { keySource, node: merge(entries.get(key)?.node, node) });
  }
  return { kind: "map", entries, source: over.source };
}

/** `node` below a dotted package: at ["a", "b"] it becomes { a: { b: node } }. */
export function nest(node: MapNode, path: readonly string[]): MapNode {
  return path.reduceRight<MapNode>(
    (inner, key) => ({
      kind: "map",
      entries: new Map([[key, { keySource: node.source, node: inner }]]),
      source: node.source,
    }),
    node,
  );
}
