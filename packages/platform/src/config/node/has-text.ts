import { childrenOf, type Node } from "./node.ts";

/** Whether a text somewhere in a config matches. */
export const hasText = (node: Node, pattern: RegExp): boolean =>
  node.kind === "scalar"
    ? typeof node.value === "string" && pattern.test(node.value)
    : childrenOf(node).some((child) => hasText(child, pattern));
