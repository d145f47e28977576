import { ConfigInterpolationError } from "../faults/errors.ts";
import { readFloat, readInt } from "../grammar/numbers.ts";
import { type Token, unescaped } from "../grammar/value-tokens.ts";
import type { ScalarNode } from "../node/node.ts";
import type { Reference } from "./template.ts";

export const isToken = (part: Token | Reference): part is Token =>
  part.kind !== "key" && part.kind !== "call";

export const tokenText = ({ kind, text }: Token) => (kind === "escape" ? unescaped(text) : text);

/** Words without quotes: one alone has a type, several are text. */
export function primitive(parts: readonly Token[], source: ScalarNode["source"]): ScalarNode {
  const [only, ...more] = parts;
  if (!only || more.length > 0) {
    return { kind: "scalar", value: parts.map(tokenText).join(""), source };
  }
  switch (only.kind) {
    case "int":
    case "float": {
      const read = only.kind === "int" ? readInt(only.text) : readFloat(only.text);
      if ("fault" in read) throw new ConfigInterpolationError(source, read.fault);
      const { value, isFloat } = read;
      return { kind: "scalar", value, ...(isFloat ? { isFloat } : {}), source };
    }
    case "bool":
      return { kind: "scalar", value: only.text.toLowerCase() === "true", source };
    case "null":
      return { kind: "scalar", value: null, source };
    default:
      return { kind: "scalar", value: tokenText(only), source };
  }
}
