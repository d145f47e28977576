import { childOf, keyText, type Node } from "./node.ts";
import type { Source } from "./source.ts";

/** A value of a config, and what set it. */
export interface Provenance {
  /** "trainer.epochs", "datasets.input_shape.0". */
  readonly key: string;
  /** A scalar, or a mapping or list that is empty. */
  readonly node: Node;
  /** The file and line, or the override, that set it last. */
  readonly source: Source;
  /** Of a value that a reference stands for: the place of the reference; else the same as `source`. */
  readonly written: Source;
}

/** What a part of a config is part of. */
export interface PartOf {
  /** The dotted key of the part; "" for all of the config. */
  readonly key?: string;
  /** All of the config before its references were resolved; the same where none were. */
  readonly whole?: Node;
}

/** Every value of a config, or of a part of one, with its place, in the order of the config. */
export function* provenanceOf(
  config: Node,
  { key = "", whole }: PartOf = {},
): Generator<Provenance> {
  yield* below(config, key, whole === undefined ? config : writtenAt(whole, key));
}

function* below(config: Node, key: string, written: Node): Generator<Provenance> {
  const children = namedChildren(config);
  if (children.length === 0 && (key !== "" || config.kind !== "map")) {
    yield { key, node: config, source: config.source, written: written.source };
  }
  for (const [name, child] of children) {
    const text = key === "" ? keyText(name) : `${key}.${keyText(name)}`;
    yield* below(child, text, writtenOf(name, written));
  }
}

/** Where a part was written; what a reference brought is where the reference is. */
export const writtenAt = (whole: Node, key: string): Node =>
  key === "" ? whole : key.split(".").reduce((node, part) => writtenOf(part, node), whole);

export const writtenOf = (key: string, parent: Node): Node => childOf(parent, key) ?? parent;

function namedChildren(node: Node): readonly [string, Node][] {
  if (node.kind === "scalar") return [];
  if (node.kind === "list") return node.items.map((item, i) => [String(i), item]);
  return [...node.entries].map(([key, entry]) => [key, entry.node]);
}
