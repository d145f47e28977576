import { ConfigInterpolationError } from "../faults/errors.ts";
import { keyText, type ScalarNode } from "../node/node.ts";

/** More references than follow each other in anything that people write. */
const maxOpen = 64;

/** Scalars that are being resolved now, by path: meeting one again is a circle. */
export class OpenReferences {
  readonly #open = new Set<string>();

  /** Every step through a reference comes by here, so that a circle is found. */
  during<T>(node: ScalarNode, path: readonly string[], act: () => T): T {
    const name = path.join("\n");
    if (this.#open.has(name)) {
      const circle = [...this.#open, name].map((one) => one.split("\n").map(keyText).join("."));
      const message = `${node.value} goes in a circle: ${circle.join(" -> ")}`;
      throw new ConfigInterpolationError(node.source, message);
    }
    if (this.#open.size > maxOpen) {
      const message = `references follow each other ${maxOpen} times`;
      throw new ConfigInterpolationError(node.source, message);
    }
    this.#open.add(name);
    try {
      return act();
    } finally {
      this.#open.delete(name);
    }
  }
}
