import { ConfigInterpolationError } from "../faults/errors.ts";
import { keyText, type MapNode, type ScalarNode } from "../node/node.ts";

/** More references than follow each other in anything that people write. */
const maxOpen = 64;

interface Open {
  readonly root: MapNode;
  readonly name: string;
}

/** Scalars that are being resolved now, by their config and path: meeting one again is a circle. */
export class OpenReferences {
  readonly #open: Open[] = [];

  /** Every step through a reference comes by here, so that a circle is found. */
  during<T>(root: MapNode, node: ScalarNode, path: readonly string[], act: () => T): T {
    const name = path.join("\n");
    if (this.#open.some((one) => one.root === root && one.name === name)) {
      const circle = [...this.#open.map((one) => one.name), name].map(keyOfName);
      const message = `${node.value} goes in a circle: ${circle.join(" -> ")}`;
      throw new ConfigInterpolationError(node.source, message);
    }
    if (this.#open.length > maxOpen) {
      const message = `references follow each other ${maxOpen} times`;
      throw new ConfigInterpolationError(node.source, message);
    }
    this.#open.push({ root, name });
    try {
      return act();
    } finally {
      this.#open.pop();
    }
  }
}

const keyOfName = (name: string) => name.split("\n").map(keyText).join(".");
