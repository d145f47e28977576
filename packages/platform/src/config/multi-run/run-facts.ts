import { childOf, type Entry, type MapNode, type Node } from "../node/node.ts";

/**
 * The config as written, with what only this command knows in place of `${hydra:...}` and
 * `${now:...}`: a config that is read alone has no defaults list and no number, and begins later.
 */
export function withRunFacts(written: MapNode, resolved: MapNode): MapNode {
  return settled(written, resolved) as MapNode;
}

function settled(node: Node, resolved: Node | undefined): Node {
  if (resolved === undefined) return node;
  if (node.kind === "scalar") {
    const asks = typeof node.value === "string" && /\$\{(?:hydra|now):/.test(node.value);
    return asks ? resolved : node;
  }
  if (node.kind === "list") {
    const items = node.items.map((item, i) => settled(item, childOf(resolved, String(i))));
    return { ...node, items };
  }
  const entries = new Map<string, Entry>();
  for (const [key, entry] of node.entries) {
    entries.set(key, { ...entry, node: settled(entry.node, childOf(resolved, key)) });
  }
  return { ...node, entries };
}
