import type { z } from "zod";
import { ConfigInvalidError, type Problem } from "../faults/errors.ts";
import { nearest } from "../faults/nearest.ts";
import {
  childOf,
  type Entry,
  entryNamed,
  isMissing,
  keyText,
  type MapNode,
  type Node,
  toPlain,
} from "../node/node.ts";
import { shortText } from "../node/short-text.ts";
import { type Source, showSource } from "../node/source.ts";
import { expectation } from "./expectation.ts";
import { keysAt, knownKeys } from "./known-keys.ts";

/**
 * The composed config as what the schema makes of it, frozen.
 *
 * @param options.before - what was found wrong before the schema looked.
 * @param options.written - the config before its references were resolved.
 * @throws {@link ConfigInvalidError} with every problem at once: where, which value, what was
 *   expected, and the nearest key or option that there is.
 */
export function checkConfig<S extends z.ZodType>(
  schema: S,
  config: MapNode,
  configName: string,
  { before = [], written = config }: CheckOptions = {},
): z.output<S> {
  const result = schema.safeParse(toPlain(config), { reportInput: true });
  const gaps = [...before, ...missingValues(config, "")];
  if (result.success && gaps.length === 0) return frozen(result.data);
  const checked = { config, written };
  const issues = narrowest(result.error?.issues ?? []);
  const found = issues.flatMap((issue) => problemsOf(issue, checked, schema));
  const isGap = new Set(gaps.map(({ key }) => key));
  throw new ConfigInvalidError(configName, [
    ...gaps,
    ...found.filter(({ key }) => !isGap.has(key)),
  ]);
}

/** Of several bounds that one number breaks, the last, which is the key's own. */
const narrowest = (issues: readonly Issue[]): readonly Issue[] =>
  issues.filter(
    (issue, i) =>
      (issue.code !== "too_big" && issue.code !== "too_small") ||
      !issues.slice(i + 1).some((other) => other.code === issue.code && isAt(other, issue)),
  );

const isAt = (a: Issue, b: Issue) => a.path.join("\n") === b.path.join("\n");

interface CheckOptions {
  readonly before?: readonly Problem[];
  readonly written?: MapNode;
}

/** A config with its references resolved, and as it was written. */
interface Checked {
  readonly config: MapNode;
  readonly written: MapNode;
}

/** zod freezes what it has read, but not the defaults that it puts in. */
function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) Object.freeze(value);
  if (typeof value === "object" && value !== null) Object.values(value).forEach(frozen);
  return value;
}

/** Values that are still `???`. */
function* missingValues(node: Node, path: string): Generator<Problem> {
  if (isMissing(node)) yield { key: path, message: "must be given", source: node.source };
  const prefix = path === "" ? "" : `${path}.`;
  if (node.kind === "map") {
    for (const [key, entry] of node.entries)
      yield* missingValues(entry.node, prefix + keyText(key));
  } else if (node.kind === "list") {
    for (const [i, item] of node.items.entries()) yield* missingValues(item, `${prefix}${i}`);
  }
}

type Issue = z.core.$ZodIssue;

function problemsOf(issue: Issue, checked: Checked, schema: z.ZodType): readonly Problem[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey([...path, key], checked.config, schema));
  }
  return [problem(path, `expected ${expectation(issue)}`, issue, checked)];
}

function problem(path: readonly string[], text: string, issue: Issue, checked: Checked): Problem {
  const { source, node } = locate(checked.config, path);
  const reference = referenceOn(checked.written, path);
  const from = reference && node ? ` (from ${showSource(source)})` : "";
  const message = node
    ? `${issue.code === "custom" ? issue.message : text}, got ${shortText(node)}${from}`
    : `is not given; ${issue.code === "custom" ? issue.message : text}`;
  return { key: path.join("."), message, source: reference ?? source };
}

/** The place of the reference by which a value came to this path; undefined where none did. */
function referenceOn(written: MapNode, path: readonly string[]): Source | undefined {
  let node: Node | undefined = written;
  for (const key of path) {
    if (node?.kind !== "map" && node?.kind !== "list") break;
    node = node.kind === "map" ? entryNamed(node, key)?.node : childOf(node, key);
  }
  const isReference = node?.kind === "scalar" && /\$\{/.test(String(node.value));
  return isReference ? node?.source : undefined;
}

function unknownKey(path: readonly string[], config: MapNode, schema: z.ZodType): Problem {
  const name = path.at(-1) ?? "";
  const owner = path.slice(0, -1);
  const siblings = keysAt(schema, owner);
  const near = nearest(name, siblings) ?? elsewhere(name, schema);
  const there = owner.length === 0 ? "a config" : owner.join(".");
  const advice =
    near === undefined ? `; there are ${siblings.join(", ")}` : `; did you mean ${near}?`;
  const parent = nodeNamed(config, owner);
  const entry = parent?.kind === "map" ? entryNamed(parent, name) : undefined;
  const source = entry?.keySource ?? locate(config, path).source;
  return { key: path.join("."), message: `is not a key of ${there}${advice}`, source };
}

/** The same name, or nearly, in another group: `trainer.lr` is `optimizers.lr`. */
function elsewhere(name: string, schema: z.ZodType): string | undefined {
  const keys = knownKeys(schema);
  const found = nearest(
    name,
    keys.map(({ path }) => lastOf(path)),
  );
  return keys.find(({ path }) => lastOf(path) === found)?.path;
}

const lastOf = (path: string) => path.slice(path.lastIndexOf(".") + 1);

function nodeNamed(config: MapNode, path: readonly string[]): Node | undefined {
  let node: Node | undefined = config;
  for (const key of path) {
    node = node?.kind === "map" ? entryNamed(node, key)?.node : node && childOf(node, key);
  }
  return node;
}

/** Where a value is written; for one that is not there, where it would belong. */
function locate(
  config: MapNode,
  path: readonly string[],
): { readonly source: Source; readonly node?: Node } {
  let node: Node = config;
  let source: Source = config.source;
  for (const key of path) {
    const entry: Entry | undefined = node.kind === "map" ? entryNamed(node, key) : undefined;
    const child: Node | undefined = entry?.node ?? childOf(node, key);
    if (child === undefined) return { source };
    source = entry?.keySource ?? child.source;
    node = child;
  }
  // a value's own place is more exact than its key's, but for a mapping, which begins below it
  return { source: node.kind === "map" ? source : node.source, node };
}
