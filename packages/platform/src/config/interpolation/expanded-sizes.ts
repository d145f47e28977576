import { ConfigInterpolationError } from "../faults/errors.ts";
import { childrenOf, type Node } from "../node/node.ts";

const maxNodes = 100_000;

/** Values inside resolved nodes, with repetitions: nine references to nine to nine are many. */
export class ExpandedSizes {
  readonly #sizes = new WeakMap<Node, number>();

  /** The node, when what it holds has been counted, and is not too much. */
  counted<N extends Node>(node: N): N {
    let size = 1;
    for (const child of childrenOf(node)) size += this.#sizes.get(child) ?? 1;
    if (size > maxNodes) {
      const message = `interpolations expand to more than ${maxNodes} values`;
      throw new ConfigInterpolationError(node.source, message);
    }
    this.#sizes.set(node, size);
    return node;
  }
}
