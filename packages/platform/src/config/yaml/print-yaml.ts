import { isFloat, keyText, type MapNode, type Node, type ScalarNode } from "../node/node.ts";
import { floatRepr } from "../node/python-text.ts";
import { showSource } from "../node/source.ts";
import { readPlainScalar } from "./yaml-scalar.ts";

interface PrintOptions {
  /** A comment after each value: the file and line, or the override, that set it. */
  readonly withSources?: boolean;
}

/** A config as YAML that reads back to the same values, by our rules and PyYAML's. */
export function printYaml(config: MapNode, { withSources = false }: PrintOptions = {}): string {
  if (config.entries.size === 0) return "{}\n";
  return `${mapLines(config, withSources).join("\n")}\n`;
}

function mapLines(map: MapNode, withSources: boolean): readonly string[] {
  return [...map.entries].flatMap(([key, { node }]) =>
    attach(`${keyText(key) === key ? text(key) : keyText(key)}:`, node, {
      withSources,
      indent: "  ",
    }),
  );
}

function listLines(items: readonly Node[], withSources: boolean): readonly string[] {
  return items.flatMap((item) => attach("-", item, { withSources, indent: "  " }));
}

/** `head` with the node behind it when that fits a line, else below it. */
function attach(
  head: string,
  node: Node,
  { withSources, indent }: { readonly withSources: boolean; readonly indent: string },
): readonly string[] {
  const line = inline(node);
  if (line !== null) {
    return [withSources ? `${head} ${line}  # ${showSource(node.source)}` : `${head} ${line}`];
  }
  const lines =
    node.kind === "map"
      ? mapLines(node, withSources)
      : listLines(node.kind === "list" ? node.items : [], withSources);
  const [first = "", ...rest] = lines;
  const below = rest.map((each) => indent + each);
  return head === "-" ? [`- ${first}`, ...below] : [head, indent + first, ...below];
}

/** A scalar, an empty container or a list of scalars, as one line; null for what needs several. */
function inline(node: Node): string | null {
  if (node.kind === "scalar") return scalar(node);
  if (node.kind === "map") return node.entries.size === 0 ? "{}" : null;
  if (node.items.some((item) => item.kind !== "scalar")) return null;
  return `[${node.items.map((item) => inline(item)).join(", ")}]`;
}

function scalar(node: ScalarNode): string {
  const { value } = node;
  if (typeof value === "string") return text(value);
  if (typeof value !== "number") return String(value);
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value < 0 ? "-.inf" : ".inf";
  // a mantissa with its point is a float in every YAML
  return isFloat(node) ? floatRepr(value).replace(/^(-?\d+)e/, "$1.0e") : String(value);
}

/** Without quotes when that reads back as the same text, wherever it stands. */
function text(value: string): string {
  const isPlain = /^[A-Za-z0-9_./$][A-Za-z0-9_./$ ()+*@-]*$/.test(value) && !value.endsWith(" ");
  const read = readPlainScalar(value);
  return isPlain && "value" in read && read.value === value ? value : JSON.stringify(value);
}
