import { ConfigOverrideError } from "../faults/errors.ts";
import { forbiddenKeys, keyOf, type Node } from "../node/node.ts";
import type { Source } from "../node/source.ts";
import { type Element, ElementFault, type ScalarElement } from "./element.ts";
import { parseValue } from "./parse-value.ts";
import { isElement } from "./parsed-value.ts";
import type { Random, Sweep } from "./sweep.ts";

/** What an override does: `a=1`, `+a=1`, `++a=1`, `~a`. */
type Operation = "change" | "add" | "force-add" | "delete";

/** One operand of the command line, in Hydra's grammar. */
export interface OverrideLine {
  readonly operation: Operation;
  /** "a.b" or "group/sub", as typed. */
  readonly key: string;
  /** What follows the `@` of `group@package=option`. */
  readonly package: string | null;
  /** null: none was given, as in `~a`. */
  readonly element: Element | null;
  /** Several values; `element` is then null. */
  readonly sweep: Sweep | null;
  readonly source: Source;
  readonly text: string;
}

/** An override for one run. */
export interface Override extends Omit<OverrideLine, "element" | "sweep"> {
  readonly value: Node | null;
}

const name = "[A-Za-z_$][A-Za-z0-9_$-]*";
const part = `(?:${name}|0|[1-9](?:_?\\d)*)`;
const dotted = `(?:${part}(?:\\.${part})+|${name})`;
const group = "[A-Za-z_][A-Za-z0-9_-]*(?:/[A-Za-z_][A-Za-z0-9_-]*)+";
const pattern = new RegExp(
  `^(?<sign>\\+\\+|\\+|~)?(?<key>${group}|${dotted})(?:@(?<package>${dotted}|))?(?:=(?<value>[^]*))?$`,
);

const maxDepth = 64;

const operations: Readonly<Record<string, Operation>> = {
  "+": "add",
  "++": "force-add",
  "~": "delete",
};

/** @throws {@link ConfigOverrideError} for text that is not an override. */
export function parseOverrideLine(text: string, random: Random): OverrideLine {
  const parts = pattern.exec(text)?.groups;
  const operation = operations[parts?.sign ?? ""] ?? "change";
  if (!parts?.key || (parts.value === undefined && operation !== "delete")) {
    throw new ConfigOverrideError(
      text,
      "expected key=value, +key=value, ++key=value, ~key or group=option",
      "Flags begin with --; everything else after the verb is an override.",
    );
  }
  if (parts.key.split(".").length > maxDepth) {
    const message = `a key of more than ${maxDepth} names is refused`;
    throw new ConfigOverrideError(text, message, "Set a mapping nearer to the top.");
  }
  const forbidden = parts.key.split(".").find((part) => forbiddenKeys.has(part));
  if (forbidden !== undefined) {
    const hint = "Such keys have a meaning in JavaScript, and no config may have them.";
    throw new ConfigOverrideError(text, `the key ${forbidden} is refused`, hint);
  }
  const value = parts.value === undefined ? null : readValue(text, parts.value, random);
  const isPlain = value === null || isElement(value);
  return {
    operation,
    key: parts.key,
    package: parts.package ?? null,
    element: isPlain ? value : null,
    sweep: isPlain ? null : value,
    source: { kind: "override", text },
    text,
  };
}

/** An override for a single run. @throws {@link ConfigOverrideError} also for a sweep. */
export function parseOverride(text: string, random: Random): Override {
  const { element, sweep, ...line } = parseOverrideLine(text, random);
  if (sweep) {
    const message = "several values are a sweep, and one run takes one";
    const hint =
      "To run each, add -m (--multirun); for a list, write key=[1,2]; for text, quote it.";
    throw new ConfigOverrideError(text, message, hint);
  }
  return { ...line, value: element && toNode(element, line.source) };
}

function readValue(text: string, value: string, random: Random): Element | Sweep {
  if (value.trim() === "") return { kind: "scalar", value: "" };
  try {
    return parseValue(value, random);
  } catch (error) {
    if (!(error instanceof ElementFault)) throw error;
    const at = text.length - value.length + error.position + 1;
    throw new ConfigOverrideError(
      text,
      `at character ${at}: ${error.message}`,
      "Quote text as key='a b', for the shell as \"key='a b'\"; lists are key=[1,2].",
    );
  }
}

function toNode(element: Element, source: Source): Node {
  switch (element.kind) {
    case "scalar":
      return scalarNode(element, source);
    case "list":
      return { kind: "list", items: element.items.map((item) => toNode(item, source)), source };
    case "map": {
      const entries = element.entries.map(
        ([key, value]) =>
          [dictKey(key, source), { keySource: source, node: toNode(value, source) }] as const,
      );
      return { kind: "map", entries: new Map(entries), source };
    }
    default:
      return element satisfies never;
  }
}

function scalarNode({ value, isFloat }: ScalarElement, source: Source): Node {
  return { kind: "scalar", value, ...(isFloat ? { isFloat } : {}), source };
}

function dictKey({ value }: ScalarElement, source: Source): string {
  if (value !== null) return keyOf(value);
  const text = source.kind === "override" ? source.text : "";
  throw new ConfigOverrideError(text, "null is no key", "Put it in quotes to have a key of text.");
}
