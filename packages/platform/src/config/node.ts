import type { Source } from "./source.ts";

/** What a scalar holds once its text has been read. */
export type ScalarValue = string | number | boolean | null;

/** A config as it was written, before interpolations: every part knows its {@link Source}. */
export type Node = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  readonly kind: "scalar";
  readonly value: ScalarValue;
  readonly source: Source;
}

interface ListNode {
  readonly kind: "list";
  readonly items: readonly Node[];
  readonly source: Source;
}

export interface MapNode {
  readonly kind: "map";
  /** A `Map`, in which `__proto__` would be a key like any other. */
  readonly entries: ReadonlyMap<string, Entry>;
  readonly source: Source;
}

/** A key with its own place, since a wrong key is reported where the key stands. */
export interface Entry {
  readonly keySource: Source;
  readonly node: Node;
}

/** The value that says "to be given": using it is an error. */
export const missing = "???";

export const isMissing = (node: Node): boolean => node.kind === "scalar" && node.value === missing;

/** Keys that mean something else to JavaScript; no config may have one. */
export const forbiddenKeys: ReadonlySet<string> = new Set([
  "__proto__",
  "constructor",
  "prototype",
]);

export const emptyMap = (source: Source): MapNode => ({ kind: "map", entries: new Map(), source });

/** The node at a path such as ["trainer", "epochs"] or ["list", "0"]; undefined when not there. */
export function nodeAt(root: Node, path: readonly string[]): Node | undefined {
  let node: Node | undefined = root;
  for (const key of path) node = node && childOf(node, key);
  return node;
}

export function childOf(node: Node, key: string): Node | undefined {
  switch (node.kind) {
    case "scalar":
      return undefined;
    case "list":
      return /^-?(?:0|[1-9]\d*)$/.test(key) ? node.items.at(Number(key)) : undefined;
    case "map":
      return node.entries.get(key)?.node;
    default:
      return node satisfies never;
  }
}

export function* childrenOf(node: Node): Generator<Node> {
  if (node.kind === "list") yield* node.items;
  else if (node.kind === "map") for (const entry of node.entries.values()) yield entry.node;
}

/** The same as data: what JSON would hold. A key becomes an own property, whatever its name. */
export type Plain = ScalarValue | readonly Plain[] | { readonly [key: string]: Plain };

export function toPlain(node: Node): Plain {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(toPlain);
    case "map":
      return Object.fromEntries(
        [...node.entries].map(([key, entry]) => [key, toPlain(entry.node)]),
      );
    default:
      return node satisfies never;
  }
}
