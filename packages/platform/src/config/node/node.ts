import type { Source } from "./source.ts";

/** What a scalar holds once its text has been read. */
export type ScalarValue = string | number | boolean | null;

/** A config as it was written, before interpolations: every part knows its {@link Source}. */
export type Node = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  readonly kind: "scalar";
  readonly value: ScalarValue;
  /** True for `1.0`, which is not the `1` of Python: it prints as 1.0, and divides otherwise. */
  readonly isFloat?: boolean;
  readonly source: Source;
}

export interface ListNode {
  readonly kind: "list";
  readonly items: readonly Node[];
  readonly source: Source;
}

export interface MapNode {
  readonly kind: "map";
  /** A `Map`, in which `__proto__` would be a key like any other. Keys are as {@link keyOf} has them. */
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

export const isNull = (node: Node): boolean => node.kind === "scalar" && node.value === null;

/** A value written in more than digits: 1.0, but also 0.5 and infinity. */
export const isFloat = ({ value, isFloat = false }: ScalarNode): boolean =>
  typeof value === "number" && (isFloat || !Number.isSafeInteger(value));

/** Keys that mean something else to JavaScript; no config may have one. */
export const forbiddenKeys: ReadonlySet<string> = new Set([
  "__proto__",
  "constructor",
  "prototype",
]);

const notText = "\0";

/**
 * The key under which an entry is kept. As in Python `1:` and `'1':` are two keys, and a path such
 * as `a.1` names only the second: a key that is no text is marked.
 */
export const keyOf = (key: string | number | boolean): string =>
  typeof key === "string" ? key : `${notText}${key}`;

/** A key as people and JSON write it. */
export const keyText = (key: string): string => (key.startsWith(notText) ? key.slice(1) : key);

/** The entry that is shown under this name, whether its key is text or not. */
export const entryNamed = ({ entries }: MapNode, name: string): Entry | undefined =>
  entries.get(name) ?? entries.get(`${notText}${name}`);

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
      return /^\d+$/.test(key) ? node.items[Number(key)] : undefined;
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
        [...node.entries].map(([key, entry]) => [keyText(key), toPlain(entry.node)]),
      );
    default:
      return node satisfies never;
  }
}

/** Data as a node, all of it from one place. A key that has no value is left out, as in JSON. */
export function fromPlain(value: Plain, source: Source): Node {
  if (typeof value !== "object" || value === null) return { kind: "scalar", value, source };
  if (Array.isArray(value)) {
    return { kind: "list", items: value.map((item) => fromPlain(item, source)), source };
  }
  const entries = Object.entries(value)
    .filter(([, child]) => child !== undefined)
    .map(([key, child]) => [key, { keySource: source, node: fromPlain(child, source) }] as const);
  return { kind: "map", entries: new Map(entries), source };
}
