import { ConfigDefaultsError } from "../faults/errors.ts";
import { type Entry, isMissing, keyText, type MapNode, type Node } from "./node.ts";
import { showSource } from "./source.ts";

/**
 * What a reference at this place stands for so far, when it is a mapping: what is merged over it
 * goes into a copy. `root` is the config as it is merged up to here.
 */
export type Referred = (root: () => MapNode, path: readonly string[]) => Node | undefined;

/** Where a merge is: the place in the whole config, and how that looks with this mapping in it. */
interface Position {
  readonly path: readonly string[];
  readonly rootWith: (here: MapNode) => MapNode;
  readonly referred: Referred;
}

/**
 * `over` on top of `under`: mappings are merged key by key, all else is replaced. A key keeps its
 * first position. `???` replaces nothing: it asks for a value, and does not take one away.
 *
 * Source: OmegaConf 2.3 `BaseContainer._map_merge`.
 */
export function mergeMaps(under: MapNode, over: MapNode, referred: Referred): MapNode {
  return mergeAt(under, over, { path: [], rootWith: (here) => here, referred });
}

function mergeAt(under: MapNode, over: MapNode, position: Position): MapNode {
  const entries = new Map<string, Entry>(under.entries);
  const here = (): MapNode => ({ kind: "map", entries: new Map(entries), source: over.source });
  for (const [key, { node, keySource }] of over.entries) {
    const before = entries.get(key)?.node;
    entries.set(key, { keySource, node: mergeEntry(key, before, node, { ...position, here }) });
  }
  return { kind: "map", entries, source: over.source };
}

function mergeEntry(
  key: string,
  before: Node | undefined,
  over: Node,
  { path, rootWith, referred, here }: Position & { readonly here: () => MapNode },
): Node {
  if (before === undefined) return over;
  const inner = [...path, key];
  const isReference = before.kind === "scalar" && typeof before.value === "string";
  const target =
    isReference && String(before.value).includes("${")
      ? (referred(() => rootWith(here()), inner) ?? before)
      : before;
  if (isMissing(over)) return target;
  if (target.kind !== "scalar" && over.kind !== "scalar" && target.kind !== over.kind) {
    const place = [...path, key].map(keyText).join(".");
    const message = `${place} is a ${named[over.kind]} here, and a ${named[target.kind]} at`;
    throw new ConfigDefaultsError(over.source, `${message} ${showSource(target.source)}`, hint);
  }
  if (target.kind !== "map" || over.kind !== "map") return over;
  return mergeAt(target, over, {
    path: inner,
    referred,
    rootWith: (child) => {
      const parent = here();
      const entry = { keySource: child.source, node: child };
      return rootWith({ ...parent, entries: new Map([...parent.entries, [key, entry]]) });
    },
  });
}

const named = { map: "mapping", list: "list" } as const;
const hint = "One of them has the wrong key, or lacks its group.";

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
