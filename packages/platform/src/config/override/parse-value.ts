import { readFloat, readInt } from "../grammar/numbers.ts";
import {
  isOfPrimitive,
  nextToken,
  type Token,
  type TokenKind,
  unescaped,
} from "../grammar/value-tokens.ts";
import { forbiddenKeys } from "../node/node.ts";
import { type Element, ElementFault, type ScalarElement } from "./element.ts";
import { callFunction } from "./functions.ts";
import { isElement, type ParsedValue } from "./parsed-value.ts";
import type { Random } from "./sweep.ts";

/**
 * Parses what follows an `=`: `1`, `abc`, `'quoted'`, `[1, 2]`, `{a: 1}`, `1,2,3`, `range(1,4)`.
 *
 * Text without quotes keeps its spaces inside and loses those around it; `${...}` stays text until
 * the config is complete.
 *
 * Source: Hydra 1.3 `grammar/OverrideParser.g4` and its visitor.
 *
 * @param random - what `shuffle()` of a list draws from.
 * @throws {@link ElementFault} at the character where it is no longer a value.
 */
export function parseValue(text: string, random: Random): ParsedValue {
  const parser = new ValueParser(text, random);
  const first = parser.value();
  if (!parser.isAtComma()) return parser.ended(first);
  const items = [plain(first, parser.at)];
  while (parser.takes(",")) items.push(plain(parser.value(), parser.at));
  return parser.ended({ kind: "choice", items, isSimple: true, isShuffled: false });
}

/** What may stand between commas: Hydra has no name for a sweep of sweeps. */
function plain(value: ParsedValue, at: number): Element {
  if (isElement(value)) return value;
  throw new ElementFault(at, "a sweep cannot be one of several values");
}

/** As a word of an override: with text in quotes, and `${...}` as it stands. */
type Word = Token | { readonly kind: "quoted" | "interpolation"; readonly text: string };

class ValueParser {
  readonly #text: string;
  readonly #random: Random;
  #at = 0;
  #depth = 0;

  constructor(text: string, random: Random) {
    this.#text = text;
    this.#random = random;
    this.#at = /^[ \t]*/.exec(text)?.[0].length ?? 0;
  }

  get at(): number {
    return this.#at;
  }

  value(): ParsedValue {
    if (this.#depth > maxDepth) this.#fail(`nested deeper than ${maxDepth} levels`);
    this.#depth += 1;
    const value = this.#value();
    this.#depth -= 1;
    return value;
  }

  isAtComma(): boolean {
    return this.#peek()?.kind === ",";
  }

  takes(kind: TokenKind): boolean {
    const word = this.#peek();
    if (word?.kind !== kind) return false;
    this.#at += word.text.length;
    return true;
  }

  ended<T>(value: T): T {
    if (this.#at < this.#text.length) this.#unexpected();
    return value;
  }

  #value(): ParsedValue {
    const word = this.#peek();
    if (word?.kind === "[") return { kind: "list", items: this.#list() };
    if (word?.kind === "{") return { kind: "map", entries: this.#entries() };
    if (word?.kind === "id" && this.#peek(this.#at + word.text.length)?.kind === "(") {
      return this.#call(word.text);
    }
    return this.#primitive({ isKey: false });
  }

  #list(): readonly Element[] {
    this.takes("[");
    const items: Element[] = [];
    if (this.takes("]")) return items;
    do items.push(plain(this.value(), this.#at));
    while (this.takes(","));
    this.#expect("]");
    return items;
  }

  #entries(): readonly (readonly [ScalarElement, Element])[] {
    this.takes("{");
    const entries: [ScalarElement, Element][] = [];
    if (this.takes("}")) return entries;
    do {
      const at = this.#at;
      const key = this.#primitive({ isKey: true });
      if (forbiddenKeys.has(String(key.value))) {
        throw new ElementFault(at, `the key ${key.value} is refused`);
      }
      this.#expect(":");
      entries.push([key, plain(this.value(), this.#at)]);
    } while (this.takes(","));
    this.#expect("}");
    return entries;
  }

  #call(name: string): ParsedValue {
    const start = this.#at;
    this.#at += name.length;
    this.takes("(");
    const args: { positional: ParsedValue[]; named: Map<string, ParsedValue> } = {
      positional: [],
      named: new Map(),
    };
    if (!this.takes(")")) {
      do this.#argument(args);
      while (this.takes(","));
      this.#expect(")");
    }
    try {
      return callFunction(name, args, this.#random);
    } catch (error) {
      if (error instanceof ElementFault) throw new ElementFault(start, error.message);
      throw error;
    }
  }

  #argument({ positional, named }: { positional: ParsedValue[]; named: Map<string, ParsedValue> }) {
    const word = this.#peek();
    const isNamed = word?.kind === "id" && this.#peek(this.#at + word.text.length)?.kind === "=";
    if (!isNamed) {
      if (named.size > 0) this.#fail("an argument without a name follows one with a name");
      positional.push(this.value());
      return;
    }
    this.#at += word.text.length;
    this.takes("=");
    if (named.has(word.text)) this.#fail(`${word.text} is given twice`);
    named.set(word.text, this.value());
  }

  /** Words up to a mark: alone they keep their type, together they are text. */
  #primitive({ isKey }: { readonly isKey: boolean }): ScalarElement {
    const words: Word[] = [];
    for (;;) {
      const word = this.#peek();
      if (word === null) break;
      const isPart =
        isOfPrimitive(word.kind) ||
        (!isKey && (word.kind === ":" || word.kind === "interpolation")) ||
        (!isKey && word.kind === "quoted" && words.length === 0);
      if (!isPart) break;
      words.push(word);
      this.#at += word.text.length;
      if (word.kind === "quoted") return quotedElement(word.text);
    }
    if (words.length === 0) this.#unexpected();
    if (words[0]?.kind === "space") words.shift();
    if (words.at(-1)?.kind === "space") words.pop();
    const [only, ...more] = words;
    if (only === undefined) this.#fail("expected a value, got only spaces");
    if (more.length > 0) return text(words.map(textOf).join(""));
    return this.#single(only);
  }

  #single(word: Word): ScalarElement {
    switch (word.kind) {
      case "int":
      case "float": {
        const read = word.kind === "int" ? readInt(word.text) : readFloat(word.text);
        if ("fault" in read) this.#fail(read.fault);
        const { value, isFloat } = read;
        return { kind: "scalar", value, ...(isFloat ? { isFloat } : {}) };
      }
      case "null":
        return { kind: "scalar", value: null };
      case "bool":
        return { kind: "scalar", value: word.text.toLowerCase() === "true" };
      default:
        return text(textOf(word));
    }
  }

  #peek(at = this.#at): Word | null {
    const rest = this.#text[at];
    if (rest === undefined) return null;
    if (rest === "'" || rest === '"') return this.#quoted(at, rest);
    const interpolation = rest === "$" ? /\$\{[^}]+\}/y : null;
    if (interpolation) {
      interpolation.lastIndex = at;
      const found = interpolation.exec(this.#text)?.[0];
      if (found !== undefined) return { kind: "interpolation", text: found };
      if (this.#text.startsWith("${", at))
        throw new ElementFault(at, "${ needs a key, and a } behind it");
    }
    const token = nextToken(this.#text, at);
    return token ?? this.#noWord(at);
  }

  /** To the first such quote that has an even number of backslashes before it. */
  #quoted(at: number, quote: string): Word {
    let backslashes = 0;
    for (let end = at + 1; end < this.#text.length; end++) {
      const letter = this.#text[end];
      if (letter === quote && backslashes % 2 === 0) {
        return { kind: "quoted", text: this.#text.slice(at, end + 1) };
      }
      backslashes = letter === "\\" ? backslashes + 1 : 0;
    }
    throw new ElementFault(at, `the quote ${quote} is not closed`);
  }

  #noWord(at: number): never {
    const letter = this.#text[at];
    throw new ElementFault(at, `did not expect ${letter}; put text with such characters in quotes`);
  }

  #expect(kind: TokenKind): void {
    if (this.takes(kind)) return;
    const found = this.#text[this.#at];
    this.#fail(`expected ${kind}, got ${found ?? "the end"}`);
  }

  #unexpected(): never {
    const rest = this.#text.slice(this.#at, this.#at + 20);
    this.#fail(rest === "" ? "expected a value" : `did not expect ${rest}`);
  }

  #fail(message: string): never {
    throw new ElementFault(this.#at, message);
  }
}

const maxDepth = 64;

const text = (value: string): ScalarElement => ({ kind: "scalar", value });
const textOf = ({ kind, text }: Word) => (kind === "escape" ? unescaped(text) : text);

/** In quotes a backslash is itself, but before the quote, and before backslashes before it. */
function quotedElement(written: string): ScalarElement {
  const quote = written.startsWith("'") ? "'" : '"';
  const beforeQuote = new RegExp(`(\\\\+)(${quote}|$)`, "g");
  const value = written
    .slice(1, -1)
    .replaceAll(
      beforeQuote,
      (_, slashes: string, end: string) => "\\".repeat(slashes.length >> 1) + end,
    );
  return { kind: "scalar", value, quote };
}
