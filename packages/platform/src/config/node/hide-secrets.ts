import { hideSecrets } from "../../secrets/index.ts";
import type { Node } from "./node.ts";

/**
 * The same config without a secret in its values. Keys, numbers and the form stay, so what is printed
 * of it is read back as what it says.
 */
export function withoutSecrets(node: Node): Node {
  const texts: string[] = [];
  collect(node, texts);
  const hidden = hideSecrets(texts);
  return replaced(node, hidden[Symbol.iterator]());
}

function collect(node: Node, texts: string[]): void {
  if (node.kind === "map")
    for (const { node: child } of node.entries.values()) collect(child, texts);
  else if (node.kind === "list") for (const item of node.items) collect(item, texts);
  else if (typeof node.value === "string") texts.push(node.value);
}

/** The texts in the order in which {@link collect} met them. */
function replaced(node: Node, texts: Iterator<string>): Node {
  if (node.kind === "list")
    return { ...node, items: node.items.map((item) => replaced(item, texts)) };
  if (node.kind === "scalar") {
    return typeof node.value === "string" ? { ...node, value: texts.next().value } : node;
  }
  const entries = new Map(
    [...node.entries].map(([key, entry]) => [key, { ...entry, node: replaced(entry.node, texts) }]),
  );
  return { ...node, entries };
}
