import { readFloat } from "../../grammar/numbers.ts";
import { ResolverFault } from "../resolver-fault.ts";
import type { Value } from "./value.ts";

/** A number, text, name or mark of an expression. */
export type Word =
  | { readonly kind: "value"; readonly value: Value; readonly text: string }
  | { readonly kind: "name"; readonly text: string }
  | { readonly kind: "mark"; readonly text: string };

const digits = "\\d+(?:_\\d+)*";
const pattern = new RegExp(
  [
    "(?<space>[ \\t]+)",
    `(?<float>(?:${digits}\\.(?:${digits})?|\\.${digits})(?:[eE][+-]?${digits})?|${digits}[eE][+-]?${digits})`,
    `(?<int>0[xX](?:_?[\\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|[1-9](?:_?\\d)*|0(?:_?0)*)`,
    `(?<text>'(?:[^'\\\\\\n]|\\\\.)*'|"(?:[^"\\\\\\n]|\\\\.)*")`,
    "(?<name>[A-Za-z_]\\w*)",
    "(?<mark>\\*\\*|//|<<|>>|<=|>=|==|!=|[-+*/%<>()[\\],&|^~])",
  ].join("|"),
  "y",
);

/** @throws {@link ResolverFault} at what is no part of an expression. */
export function tokenize(text: string): readonly Word[] {
  const words: Word[] = [];
  for (let at = 0; at < text.length; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (!found?.groups) {
      throw new ResolverFault(`did not expect ${text.slice(at, at + 20)} in an expression`);
    }
    const { space, float, int, text: quoted, name } = found.groups;
    const [whole] = found;
    const next = text[pattern.lastIndex] ?? "";
    if ((float ?? int) !== undefined && /[\w.]/.test(next)) {
      throw new ResolverFault(`${whole}${next} is no number`);
    }
    if (space !== undefined) continue;
    if (float !== undefined) words.push(valueWord(floatOf(float), whole));
    else if (int !== undefined) words.push(valueWord(BigInt(int.replaceAll("_", "")), whole));
    else if (quoted !== undefined) words.push(valueWord(unquoted(quoted), whole));
    else words.push({ kind: name === undefined ? "mark" : "name", text: whole });
  }
  return words;
}

function floatOf(text: string): number {
  const read = readFloat(text);
  if ("fault" in read) throw new ResolverFault(read.fault);
  return read.value;
}

const valueWord = (value: Value, text: string): Word => ({ kind: "value", value, text });

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "\\": "\\",
  "'": "'",
  '"': '"',
};

function unquoted(quoted: string): string {
  return quoted.slice(1, -1).replaceAll(/\\(.)/g, (whole, letter: string) => {
    const meant = escapes[letter];
    if (meant === undefined) throw new ResolverFault(`${whole} is not known in quotes`);
    return meant;
  });
}
