import { Redactor } from "../../secrets/index.ts";
import { withoutSecrets } from "../node/hide-secrets.ts";
import {
  fromPlain,
  isFloat,
  keyText,
  type Node,
  type Plain,
  type ScalarNode,
} from "../node/node.ts";
import { type PartOf, writtenAt, writtenOf } from "../node/provenance.ts";
import { floatRepr } from "../node/python-text.ts";
import { type Source, showSource } from "../node/source.ts";
import { readPlainScalar } from "./yaml-scalar.ts";

interface PrintOptions extends PartOf {
  /** A comment after each value: the file and line, or the override, that set it. */
  readonly withSources?: boolean;
  /** By the dotted key of a value: what that comment adds. */
  readonly remarks?: ReadonlyMap<string, string>;
}

/**
 * A config, or a part of one, as YAML that reads back to the same values, by our rules and PyYAML's.
 * In the place of a secret is `${oc.env:NAME}`.
 */
export function printYaml(
  config: Node,
  { withSources = false, remarks = new Map(), key = "", whole }: PrintOptions = {},
): string {
  const node = withoutSecrets(config);
  const redactor = new Redactor(process.env);
  const written = whole ? writtenAt(whole, key) : config;
  const hide = (text: string) => redactor.hide(text);
  const options = { withSources, remarks, key, written, hide };
  const line = inline(node, withSources);
  if (line !== null) return `${line}${comment(node, options)}\n`;
  return `${blockLines(node, options).join("\n")}\n`;
}

/** {@link printYaml} of what no file has written: of data that JSON could hold, too. */
export const printData = (data: object): string =>
  printYaml(fromPlain(data as Plain, { kind: "override", text: "" }));

interface Options extends Required<Pick<PrintOptions, "withSources" | "remarks" | "key">> {
  readonly written: Node;
  /** The same text without a secret. */
  hide(text: string): string;
}

function blockLines(node: Node, options: Options): readonly string[] {
  const below = (name: string) => ({
    ...options,
    key: options.key === "" ? keyText(name) : `${options.key}.${keyText(name)}`,
    written: writtenOf(name, options.written),
  });
  if (node.kind === "list") {
    return node.items.flatMap((item, i) => attach("-", item, below(String(i))));
  }
  if (node.kind === "scalar") return [];
  return [...node.entries].flatMap(([key, { node: child }]) =>
    attach(`${keyText(key) === key ? text(key) : keyText(key)}:`, child, below(key)),
  );
}

/** `head` with the node behind it when that fits a line, else below it. */
function attach(head: string, node: Node, options: Options): readonly string[] {
  const line = inline(node, options.withSources);
  if (line !== null) return [`${head} ${line}${comment(node, options)}`];
  const [first = "", ...rest] = blockLines(node, options);
  const below = rest.map((each) => `  ${each}`);
  return head === "-" ? [`- ${first}`, ...below] : [head, `  ${first}`, ...below];
}

function comment({ source }: Node, { withSources, remarks, key, written, hide }: Options): string {
  if (!withSources) return "";
  const [place, from] = [written.source, source].map((one) =>
    hide(showSource(one)).replaceAll(/\s+/g, " "),
  );
  const remark = remarks.get(key);
  const places = place === from ? place : `${place}, from ${from}`;
  return `  # ${places}${remark === undefined ? "" : `; ${remark}`}`;
}

/** A scalar, an empty container or a list of scalars, as one line; null for what needs several. */
function inline(node: Node, withSources: boolean): string | null {
  if (node.kind === "scalar") return scalar(node);
  if (node.kind === "map") return node.entries.size === 0 ? "{}" : null;
  if (node.items.some((item) => item.kind !== "scalar")) return null;
  // an item that something else has set says so, on a line of its own
  if (withSources && node.items.some((item) => !isBeside(item.source, node.source))) return null;
  return `[${node.items.map((item) => inline(item, withSources)).join(", ")}]`;
}

function isBeside(item: Source, list: Source): boolean {
  if (item.kind === "file") return list.kind === "file" && item.path === list.path;
  return list.kind === "override" && item.text === list.text;
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
  if (isPlain && "value" in read && read.value === value) return value;
  // line breaks to YAML 1.1, which folds them; JSON leaves them as they are
  return JSON.stringify(value).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
