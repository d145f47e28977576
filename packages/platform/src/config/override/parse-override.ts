import { ConfigOverrideError } from "../errors.ts";
import { forbiddenKeys, type Node } from "../node.ts";
import type { Source } from "../source.ts";
import { ElementFault, parseValue } from "./element.ts";

/** What an override does: `a=1`, `+a=1`, `++a=1`, `~a`. */
type Operation = "change" | "add" | "force-add" | "delete";

/** One operand of the command line, in Hydra's grammar. */
export interface Override {
  readonly operation: Operation;
  /** "a.b" or "group/sub", as typed. */
  readonly key: string;
  /** What follows the `@` of `group@package=option`. */
  readonly package: string | null;
  /** null: none was given, as in `~a`. */
  readonly value: Node | null;
  readonly source: Source;
  readonly text: string;
}

const name = "[A-Za-z_$][A-Za-z0-9_$-]*";
const part = `(?:${name}|0|[1-9]\\d*)`;
const dotted = `(?:${part}(?:\\.${part})+|${name})`;
const group = "[A-Za-z_][A-Za-z0-9_-]*(?:/[A-Za-z_][A-Za-z0-9_-]*)+";
const pattern = new RegExp(
  `^(?<sign>\\+\\+|\\+|~)?(?<key>${group}|${dotted})(?:@(?<package>${dotted}|))?(?:=(?<value>[^]*))?$`,
);

const operations: Readonly<Record<string, Operation>> = {
  "+": "add",
  "++": "force-add",
  "~": "delete",
};

/** @throws {@link ConfigOverrideError} for text that is not an override. */
export function parseOverride(text: string): Override {
  const parts = pattern.exec(text)?.groups;
  const operation = operations[parts?.sign ?? ""] ?? "change";
  if (!parts?.key || (parts.value === undefined && operation !== "delete")) {
    throw new ConfigOverrideError(
      text,
      "expected key=value, +key=value, ++key=value, ~key or group=option",
      "Flags begin with --; everything else after the verb is an override.",
    );
  }
  const forbidden = parts.key.split(".").find((part) => forbiddenKeys.has(part));
  if (forbidden !== undefined) {
    const hint = "Such keys have a meaning in JavaScript, and no config may have them.";
    throw new ConfigOverrideError(text, `the key ${forbidden} is refused`, hint);
  }
  const source: Source = { kind: "override", text };
  const value = parts.value === undefined ? null : readValue(text, parts.value, source);
  return { operation, key: parts.key, package: parts.package ?? null, value, source, text };
}

function readValue(text: string, value: string, source: Source): Node | null {
  try {
    const [only, ...more] = parseValue(value, source).elements;
    if (more.length === 0) return only ?? null;
  } catch (error) {
    if (!(error instanceof ElementFault)) throw error;
    const at = text.length - value.length + error.position + 1;
    throw new ConfigOverrideError(
      text,
      `at character ${at}: ${error.message}`,
      "Quote text as key='a b', for the shell as \"key='a b'\"; lists are key=[1,2].",
    );
  }
  const hint = "One run takes one value; write a list as key=[1,2].";
  throw new ConfigOverrideError(text, "several values are a sweep, which is not built yet", hint);
}
