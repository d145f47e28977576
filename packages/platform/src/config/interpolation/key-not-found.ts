import { ConfigInterpolationError } from "../faults/errors.ts";
import { didYouMean } from "../faults/nearest.ts";
import { childOf, type MapNode, type Node } from "../node/node.ts";
import type { Source } from "../node/source.ts";
import type { KeyReference } from "./template.ts";

interface Sought {
  readonly reference: KeyReference;
  /** The keys on its way. */
  readonly names: readonly string[];
  /** Where it is written. */
  readonly source: Source;
}

/** The fault of a reference that leads nowhere, with the first key that is not there. */
export function keyNotFound(
  root: MapNode,
  { reference, names, source }: Sought,
): ConfigInterpolationError {
  let parent: Node = root;
  let missing = names[0] ?? "";
  for (const name of names) {
    missing = name;
    const child: Node | undefined = childOf(parent, name);
    if (!child) break;
    parent = child;
  }
  const keys = parent.kind === "map" ? parent.entries.keys() : [];
  const message = `${reference.text}: there is no key ${missing}${didYouMean(missing, keys)}`;
  return new ConfigInterpolationError(source, message);
}
