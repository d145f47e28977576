import { keyText, type MapNode, type Node, type ScalarNode } from "./node.ts";
import type { Source } from "./source.ts";

/** A value of a config, and what set it. */
export interface Provenance {
  /** "trainer.epochs", "datasets.input_shape.0". */
  readonly key: string;
  /** A scalar, or a mapping or list that is empty. */
  readonly node: Node;
  /** The file and line, or the override, that set it last. */
  readonly source: Source;
}

/** Every value with its place, in the order of the config. */
export function* provenanceOf(config: MapNode): Generator<Provenance> {
  yield* below(config, "");
}

function* below(node: Node, key: string): Generator<Provenance> {
  const children = childrenOf(node);
  if (children.length === 0 && key !== "") yield { key, node, source: node.source };
  for (const [name, child] of children) {
    yield* below(child, key === "" ? name : `${key}.${name}`);
  }
}

function childrenOf(node: Exclude<Node, ScalarNode> | ScalarNode): readonly [string, Node][] {
  if (node.kind === "scalar") return [];
  if (node.kind === "list") return node.items.map((item, i) => [String(i), item]);
  return [...node.entries].map(([key, entry]) => [keyText(key), entry.node]);
}
