import { forbiddenKeys, type Node } from "../node.ts";
import type { Source } from "../source.ts";

/** The text at `position` is not an element; the caller says of what. */
export class ElementFault extends Error {
  readonly position: number;
  constructor(position: number, message: string) {
    super(message);
    this.position = position;
  }
}

/** What follows an `=`: one element, or several with commas between them, which is a sweep. */
export interface ParsedValue {
  readonly elements: readonly Node[];
}

/**
 * Parses the value of an override: `1`, `abc`, `'quoted'`, `[1, 2]`, `{a: 1}`, and sweeps of them.
 *
 * Text without quotes keeps its spaces inside and loses those around it; `${...}` stays text until
 * the config is complete.
 *
 * Source: Hydra 1.3 `grammar/OverrideParser.g4`; functions (`choice(...)`) are refused for now.
 *
 * @throws {@link ElementFault} at the character where it is no longer a value.
 */
export function parseValue(text: string, source: Source): ParsedValue {
  if (text.trim() === "") return { elements: [{ kind: "scalar", value: "", source }] };
  const parser = new ElementParser(text, source);
  const elements = [parser.element()];
  while (parser.takes(",")) elements.push(parser.element());
  parser.end();
  return { elements };
}

/** Characters that text without quotes may have; the rest needs quotes or a backslash. */
const unquoted = /[A-Za-z0-9_/\-\\+.$%*@?| \t]/;
const escapable = new Set("\\()[]{}:=, \t");

class ElementParser {
  readonly #text: string;
  readonly #source: Source;
  #at = 0;

  constructor(text: string, source: Source) {
    this.#text = text;
    this.#source = source;
  }

  element(): Node {
    this.#skipSpaces();
    const source = this.#source;
    switch (this.#text[this.#at]) {
      case "[":
        return { kind: "list", items: this.#list(), source };
      case "{":
        return { kind: "map", entries: this.#dict(), source };
      case "'":
      case '"':
        return { kind: "scalar", value: this.#quoted(), source };
      default:
        return { kind: "scalar", value: this.#primitive({ allowsColon: true }), source };
    }
  }

  /** Goes past `mark`, with spaces around it, when it is next. */
  takes(mark: string): boolean {
    this.#skipSpaces();
    if (this.#text[this.#at] !== mark) return false;
    this.#at += 1;
    this.#skipSpaces();
    return true;
  }

  end(): void {
    this.#skipSpaces();
    if (this.#at < this.#text.length) this.#fail(`did not expect ${this.#text.slice(this.#at)}`);
  }

  #list(): readonly Node[] {
    this.#expect("[");
    const items: Node[] = [];
    if (this.takes("]")) return items;
    do items.push(this.element());
    while (this.takes(","));
    this.#expect("]");
    return items;
  }

  #dict() {
    this.#expect("{");
    const entries = new Map<string, { readonly keySource: Source; readonly node: Node }>();
    if (this.takes("}")) return entries;
    do {
      const at = this.#at;
      const key = String(this.#primitive({ allowsColon: false }));
      if (forbiddenKeys.has(key)) throw new ElementFault(at, `the key ${key} is refused`);
      this.#expect(":");
      entries.set(key, { keySource: this.#source, node: this.element() });
    } while (this.takes(","));
    this.#expect("}");
    return entries;
  }

  /** In quotes a backslash is itself, but before the quote, and before backslashes before it. */
  #quoted(): string {
    const quote = this.#text[this.#at] ?? "";
    let end = this.#at + 1;
    let backslashes = 0;
    for (; end < this.#text.length; end++) {
      const letter = this.#text[end];
      if (letter === quote && backslashes % 2 === 0) break;
      backslashes = letter === "\\" ? backslashes + 1 : 0;
    }
    if (end >= this.#text.length) this.#fail(`the quote ${quote} is not closed`);
    const inner = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return unescapeQuoted(inner, quote);
  }

  #primitive({ allowsColon }: { readonly allowsColon: boolean }): string | number | boolean | null {
    const start = this.#at;
    let text = "";
    let hasEscape = false;
    for (;;) {
      const letter = this.#text[this.#at];
      const next = this.#text[this.#at + 1];
      if (letter === undefined) break;
      if (letter === "\\" && next !== undefined && escapable.has(next)) {
        text += next === " " || next === "\t" ? `\0${next}` : next;
        hasEscape = true;
        this.#at += 2;
      } else if (letter === "$" && next === "{") {
        text += this.#interpolation();
      } else if (unquoted.test(letter) || (letter === ":" && allowsColon)) {
        text += letter;
        this.#at += 1;
      } else break;
    }
    // spaces around are dropped, but not those that had a backslash
    const trimmed = text.replace(/^[ \t]+|(?<!\0)[ \t]+$/g, "").replaceAll("\0", "");
    if (trimmed === "" && !hasEscape) this.#refuse(start);
    return hasEscape ? trimmed : readPrimitive(trimmed, (message) => this.#fail(message));
  }

  #refuse(start: number): never {
    const letter = this.#text[this.#at];
    if (letter === undefined) throw new ElementFault(start, "expected a value");
    this.#fail(`did not expect ${letter}; put text with such characters in quotes`);
  }

  #interpolation(): string {
    const end = this.#text.indexOf("}", this.#at);
    if (end < 0) this.#fail("the ${ is not closed");
    const text = this.#text.slice(this.#at, end + 1);
    this.#at = end + 1;
    return text;
  }

  #expect(mark: string): void {
    this.#skipSpaces();
    const found = this.#text[this.#at];
    if (found !== mark) this.#fail(`expected ${mark}, got ${found ?? "the end"}`);
    this.#at += 1;
    this.#skipSpaces();
  }

  #skipSpaces(): void {
    while (/[ \t]/.test(this.#text[this.#at] ?? "")) this.#at += 1;
  }

  #fail(message: string): never {
    throw new ElementFault(this.#at, message);
  }
}

function unescapeQuoted(text: string, quote: string): string {
  const beforeQuote = new RegExp(`(\\\\+)(${quote}|$)`, "g");
  return text.replaceAll(
    beforeQuote,
    (_, slashes: string, end: string) => "\\".repeat(slashes.length >> 1) + end,
  );
}

const integer = /^[+-]?(?:0|[1-9](?:_?\d)*)$/;
const number =
  /^[+-]?(?:(?:0|[1-9](?:_?\d)*)\.|(?:0|[1-9](?:_?\d)*)?\.\d(?:_?\d)*|(?:(?:0|[1-9](?:_?\d)*)(?:\.(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)[eE][+-]?\d(?:_?\d)*|[Ii][Nn][Ff]|[Nn][Aa][Nn])$/;

function readPrimitive(text: string, fail: (message: string) => never) {
  if (/^null$/i.test(text)) return null;
  if (/^true$/i.test(text)) return true;
  if (/^false$/i.test(text)) return false;
  const plain = text.replaceAll("_", "");
  if (integer.test(text)) {
    const value = Number(plain);
    if (!Number.isSafeInteger(value)) fail(`${text} is beyond 2^53, and would be rounded`);
    return value === 0 ? 0 : value;
  }
  if (!number.test(text)) return text;
  if (/inf|nan/i.test(text)) return specialNumber(plain);
  const value = Number(plain);
  if (!Number.isFinite(value)) fail(`${text} is larger than any number we can hold`);
  if (value === 0 && /[1-9]/.test(plain.split(/e/i)[0] ?? "")) {
    fail(`${text} is smaller than any number we can hold, and would become 0`);
  }
  return value;
}

const specialNumber = (text: string) =>
  /nan/i.test(text) ? Number.NaN : text.startsWith("-") ? -Infinity : Infinity;
