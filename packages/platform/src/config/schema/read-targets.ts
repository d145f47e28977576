import type { Problem } from "../faults/errors.ts";
import { distance } from "../faults/nearest.ts";
import { type Entry, keyText, type MapNode, type Node, type ScalarNode } from "../node/node.ts";
import { packageNames, type Target, targets } from "./targets.ts";

/** A config in our words, and the dotted paths in it that stand for nothing that we know. */
export interface ReadTargets {
  readonly config: MapNode;
  readonly problems: readonly Problem[];
}

/**
 * Puts our names in the place of the reference platform's dotted paths: `_target_`, `BUILD`,
 * `PARALLELISM`, and `trainer` and `loop_per_worker_script` where they are text. Nothing is imported
 * or called. What is not in the table is listed, each with its place.
 */
export function readTargets(config: MapNode): ReadTargets {
  const problems: Problem[] = [];
  const read = map(config, [], problems);
  return { config: read.kind === "map" ? read : config, problems };
}

type Path = readonly string[];

function node(value: Node, path: Path, problems: Problem[]): Node {
  switch (value.kind) {
    case "scalar":
      return scalar(value, path, problems);
    case "list":
      return {
        ...value,
        items: value.items.map((item, i) => node(item, [...path, `${i}`], problems)),
      };
    case "map":
      return map(value, path, problems);
    default:
      return value satisfies never;
  }
}

/** Keys whose values are dotted paths. */
export const dottedKeys: ReadonlySet<string> = new Set(["_target_", "BUILD", "PARALLELISM"]);

function map(value: MapNode, path: Path, problems: Problem[]): Node {
  const entries = new Map<string, Entry>();
  for (const [key, entry] of value.entries) {
    const at = [...path, keyText(key)];
    if (!dottedKeys.has(key)) {
      entries.set(ourKey(key, path), { ...entry, node: node(entry.node, at, problems) });
      continue;
    }
    if (entry.node.kind === "scalar" && entry.node.value === null) continue;
    const target = known(entry.node, at, problems);
    if (target === undefined || target.key === "nothing") continue;
    if (target.key === "value") return enumerated(value, target, at, problems);
    if (!isName(target, path)) continue;
    const other = value.entries.get(target.key)?.node;
    if (other?.kind === "scalar" && other.value !== target.name) {
      const message = `means ${target.name}, but ${target.key} beside it is ${other.value}`;
      problems.push({ key: at.join("."), message, source: entry.node.source });
    }
    entries.set(target.key, named(target.name, entry));
  }
  return { ...value, entries };
}

/** An architecture says by its place in `meta_arch` which it is. */
const isName = ({ key }: Target, path: Path) => key !== "model" || path.join(".") === "models";

/** Newer configs of the reference platform give a registered name where we have a kind. */
const registered: ReadonlySet<string> = new Set([
  "datasets.preprocessor",
  "evaluation.evaluator",
  "inference",
]);
const ourKey = (key: string, path: Path) =>
  key === "name" && registered.has(path.join(".")) ? "kind" : key;

const named = (name: string, { keySource, node: { source } }: Entry): Entry => ({
  keySource,
  node: { kind: "scalar", value: name, source },
});

/** Keys of a whole config that are text there, and of which a trainer is a mapping here. */
function scalar(value: ScalarNode, path: Path, problems: Problem[]): Node {
  const key = path.join(".");
  const isTrainer = key === "trainer";
  if (!isTrainer && key !== "loop_per_worker_script") return value;
  if (typeof value.value !== "string" || !value.value.includes(".")) return value;
  const target = known(value, path, problems);
  const { source } = value;
  const name: ScalarNode = { ...value, value: target && "name" in target ? target.name : null };
  if (!isTrainer) return name;
  const entries = target ? [["kind", { keySource: source, node: name }] as const] : [];
  return { kind: "map", entries: new Map(entries), source };
}

/** `{_target_: ...MaskModes, value: random}` is RANDOM. */
function enumerated(
  value: MapNode,
  { isUpperCase }: Extract<Target, { readonly key: "value" }>,
  at: Path,
  problems: Problem[],
): Node {
  const found = value.entries.get("value")?.node;
  if (found?.kind === "scalar" && typeof found.value === "string") {
    return { ...found, value: isUpperCase ? found.value.toUpperCase() : found.value };
  }
  const message = "names an enumeration, and needs its value beside it";
  problems.push({ key: at.join("."), message, source: value.source });
  return value;
}

/** What a dotted path stands for; undefined for one that is not in the table. */
export const targetOf = (value: Node): Target | undefined =>
  targets.get(withoutPackage(dottedText(value)));

const dottedText = (value: Node) => (value.kind === "scalar" ? String(value.value) : "");

function known(value: Node, path: Path, problems: Problem[]): Target | undefined {
  const dotted = dottedText(value);
  const target = targetOf(value);
  if (target === undefined) {
    const message = `${dotted} has no counterpart here${advice(dotted)}`;
    problems.push({ key: path.join("."), message, source: value.source });
  }
  return target;
}

function withoutPackage(dotted: string): string {
  const prefix = packageNames.find((name) => dotted.startsWith(`${name}.`));
  return prefix === undefined ? dotted : dotted.slice(prefix.length + 1);
}

/** The path that was meant, if its last part is a typo: the modules have moved, the classes have not. */
function advice(dotted: string): string {
  const lastOf = (path: string) => path.replace(/\.BUILD$/, "").replace(/^.*\./, "");
  const known = [...targets.keys()];
  const path = known.find((candidate) => distance(lastOf(candidate), lastOf(dotted)) <= 2);
  return path === undefined ? "" : `; did you mean ${path}?`;
}
