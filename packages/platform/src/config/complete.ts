import { keyText, type MapNode, type Node, nodeAt } from "./node/node.ts";
import type { SearchPath } from "./search/search-path.ts";

export interface CompleteRequest {
  /** What is typed of the operand so far: "trainer.ep", "+optim", "models/meta_arch/mae=". */
  readonly word: string;
  readonly searchPath: SearchPath;
  /** The config as it is composed so far, or null when none is, or it does not compose. */
  readonly config: MapNode | null;
  /** Keys that a schema knows: "trainer.epochs". */
  readonly knownKeys: readonly string[];
  /** The values that a schema allows at a key, where they are few. */
  readonly choicesOf?: (key: string) => readonly string[];
}

/**
 * What an override operand may go on with: groups and their options, keys and their values. As in
 * Hydra a group ends in `/` or `=`, a mapping in `.`, and a key in `=`, with nothing after it.
 */
export function completeOverride(request: CompleteRequest): readonly string[] {
  const { word } = request;
  const sign = /^(?:\+\+|\+|~)?/.exec(word)?.[0] ?? "";
  const [key = "", ...values] = word.slice(sign.length).split("=");
  const found =
    values.length > 0
      ? valuesOf(key, values.join("="), request).map((value) => `${key}=${value}`)
      : [...groupsLike(key, sign, request), ...keysLike(key, sign, request)];
  return [...new Set(found.map((text) => sign + text))].sort();
}

function valuesOf(key: string, typed: string, request: CompleteRequest) {
  const { searchPath, config, choicesOf = () => [] } = request;
  const [group = ""] = key.split("@");
  const choices = searchPath.hasGroup(group) ? searchPath.options(group) : choicesOf(key);
  if (choices.length > 0) {
    const before = typed.slice(0, typed.lastIndexOf(",") + 1); // of a sweep: a=x,y
    const last = typed.slice(before.length);
    return choices.filter((choice) => choice.startsWith(last)).map((choice) => before + choice);
  }
  const node = config && nodeAt(config, key.split("."));
  if (node?.kind !== "scalar" || typed !== "") return [];
  return typeof node.value === "boolean" ? ["false", "true"] : [String(node.value)];
}

function groupsLike(key: string, sign: string, { searchPath }: CompleteRequest): readonly string[] {
  const folder = key.slice(0, key.lastIndexOf("/") + 1);
  const parent = folder.replace(/\/$/, "");
  const names = searchPath.groups(parent).map((name) => folder + name);
  return names
    .filter((name) => name.startsWith(key) && !name.includes("."))
    .flatMap((name) => {
      const hasOptions = searchPath.options(name).length > 0;
      const hasGroups = searchPath.groups(name).length > 0;
      const chosen = hasOptions ? [sign === "~" ? name : `${name}=`] : [];
      return hasGroups ? [...chosen, `${name}/`] : chosen;
    });
}

function keysLike(key: string, sign: string, { config, knownKeys }: CompleteRequest) {
  const dot = key.lastIndexOf(".");
  const parent = key.slice(0, Math.max(0, dot));
  const node = config && (parent === "" ? config : nodeAt(config, parent.split(".")));
  const present = node ? [...childrenOf(node)] : [];
  const prefix = parent === "" ? "" : `${parent}.`;
  const isParent = (path: string) => knownKeys.some((known) => known.startsWith(`${path}.`));
  const known = knownKeys
    .filter((path) => path.startsWith(prefix) && !path.slice(prefix.length).includes("."))
    .map((path) => ({ path, isMapping: isParent(path) }));
  return [...present.map(({ name, isMapping }) => ({ path: prefix + name, isMapping })), ...known]
    .filter(({ path }) => path.startsWith(key))
    .map(({ path, isMapping }) => (isMapping ? `${path}.` : sign === "~" ? path : `${path}=`));
}

function* childrenOf(node: Node) {
  const isMapping = (child: Node) => child.kind === "map";
  if (node.kind === "map") {
    for (const [key, entry] of node.entries) {
      if (keyText(key) === key) yield { name: key, isMapping: isMapping(entry.node) };
    }
  } else if (node.kind === "list") {
    for (const [i, item] of node.items.entries()) {
      yield { name: String(i), isMapping: isMapping(item) };
    }
  }
}
