/**
 * The words of a value: behind the `=` of an override, and behind the `:` of a resolver. Hydra's
 * and OmegaConf's grammars share them but for functions and quotes, which are read by the callers.
 *
 * Source: Hydra 1.3 `grammar/OverrideLexer.g4`, OmegaConf 2.3 `grammar/OmegaConfGrammarLexer.g4`;
 * as there the longest match counts, and of equals the first in the list.
 */
export type TokenKind =
  | "("
  | ","
  | ")"
  | "["
  | "]"
  | "{"
  | "}"
  | ":"
  | "="
  | "float"
  | "int"
  | "bool"
  | "null"
  | "character"
  | "id"
  | "escape"
  | "space";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

/** Whether a value that is neither quoted, a list nor a mapping may have such a word in it. */
export const isOfPrimitive = (kind: string): boolean => ofPrimitive.has(kind);

const ofPrimitive: ReadonlySet<string> = new Set<TokenKind>([
  "id",
  "null",
  "int",
  "float",
  "bool",
  "character",
  "escape",
  "space",
]);

const int = "(?:0|[1-9](?:_?\\d)*)";
const point = `(?:${int}?\\.\\d(?:_?\\d)*|${int}\\.)`;
const exponent = `(?:${point}|${int})[eE][+-]?\\d(?:_?\\d)*`;

const patterns: readonly (readonly [TokenKind, RegExp])[] = (
  [
    ["(", "[ \\t]*\\([ \\t]*"],
    [",", "[ \\t]*,[ \\t]*"],
    [")", "[ \\t]*\\)"],
    ["[", "\\[[ \\t]*"],
    ["]", "[ \\t]*\\]"],
    ["{", "\\{[ \\t]*"],
    ["}", "[ \\t]*\\}"],
    [":", "[ \\t]*:[ \\t]*"],
    ["=", "[ \\t]*=[ \\t]*"],
    ["float", `[+-]?(?:${exponent}|${point}|[Ii][Nn][Ff]|[Nn][Aa][Nn])`],
    ["int", `[+-]?${int}`],
    ["bool", "(?:[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])"],
    ["null", "[Nn][Uu][Ll][Ll]"],
    ["character", "[/\\-\\\\+.$%*@?|]"],
    ["id", "[A-Za-z_][A-Za-z0-9_-]*"],
    ["escape", "(?:\\\\[\\\\()[\\]{}:=, \\t])+"],
    ["space", "[ \\t]+"],
  ] as const
).map(([kind, source]) => [kind, new RegExp(source, "y")] as const);

/** The next word at `at`, or null where no word begins. */
export function nextToken(text: string, at: number): Token | null {
  let longest: Token | null = null;
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined && found.length > (longest?.text.length ?? 0)) {
      longest = { kind, text: found };
    }
  }
  return longest;
}

/** `\,` is `,`, and `\\` is `\`. */
export const unescaped = (text: string): string => text.replaceAll(/\\(.)/gs, "$1");
