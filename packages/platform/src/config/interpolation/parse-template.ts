import { isOfPrimitive, nextToken, type Token, type TokenKind } from "../grammar/value-tokens.ts";
import {
  type Argument,
  type KeyReference,
  type Reference,
  type ResolverCall,
  type Template,
  TemplateFault,
} from "./template.ts";

/**
 * Parses `${...}` in a string. `\${` is the text `${`.
 *
 * Source: OmegaConf 2.3 `grammar/OmegaConfGrammarLexer.g4` and `OmegaConfGrammarParser.g4`.
 *
 * @throws {@link TemplateFault} for a `${` without its end, or with nothing in it.
 */
export function parseTemplate(text: string): Template {
  return new TemplateParser(text).template(null);
}

/** Parses the text that `${oc.decode:...}` was given: one argument, alone. */
export function parseArgument(text: string): Argument {
  return new TemplateParser(text).only();
}

const maxDepth = 64;

class TemplateParser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** To the end, or to the quote that is not escaped. */
  template(quote: string | null): Template {
    const parts: (string | Reference)[] = [];
    let literal = "";
    while (this.#at < this.#text.length) {
      if (this.#text[this.#at] === quote) break;
      const slashes = this.#match(/\\+/y) ?? "";
      this.#at += slashes.length;
      const isReference = this.#text.startsWith("${", this.#at);
      const isQuote = quote !== null && this.#text[this.#at] === quote;
      const isSpecial = isReference || isQuote;
      literal += isSpecial ? "\\".repeat(slashes.length >> 1) : slashes;
      if (slashes.length % 2 === 1 && isSpecial) {
        literal += isReference ? "${" : quote;
        this.#at += isReference ? 2 : 1;
      } else if (isReference) {
        if (literal !== "") parts.push(literal);
        literal = "";
        parts.push(this.#reference());
      } else if (!isQuote) {
        const plain = this.#match(quote === null ? /[^\\$]+|\$/y : /[^\\$'"]+|[$'"]/y) ?? "";
        literal += plain;
        this.#at += plain.length;
      }
    }
    return literal === "" && parts.length > 0 ? parts : [...parts, literal];
  }

  only(): Argument {
    const argument = this.#argument();
    if (this.#at < this.#text.length) this.#fail(this.#at, "more than one value");
    return argument;
  }

  #reference(): Reference {
    if (++this.#depth > maxDepth) this.#fail(this.#at, `nested deeper than ${maxDepth} levels`);
    const start = this.#at;
    this.#at += 2;
    this.#skipSpaces();
    const call = this.#call(start) ?? this.#key(start);
    this.#depth -= 1;
    return call;
  }

  #call(start: number): ResolverCall | null {
    const before = this.#at;
    const name: (string | Reference)[] = [];
    do {
      const id = this.#match(/[A-Za-z_][A-Za-z0-9_-]*/y);
      if (id !== undefined) this.#at += id.length;
      else if (!this.#text.startsWith("${", this.#at)) break;
      name.push(id ?? this.#reference());
    } while (this.#takes("."));
    const colon = this.#match(/[ \t]*:[ \t]*/y);
    if (colon === undefined || name.length === 0) {
      this.#at = before;
      return null;
    }
    this.#at += colon.length;
    const args = this.#match(/[ \t]*\}/y) === undefined ? this.#sequence("}") : [];
    this.#close(start);
    const text = this.#text.slice(start, this.#at);
    return { kind: "call", name, arguments: args, text };
  }

  #key(start: number): KeyReference {
    const dots = this.#match(/\.+/y) ?? "";
    this.#at += dots.length;
    const parts: (string | Reference)[] = [dots];
    let isFirst = true;
    for (;;) {
      if (this.#takes("[")) {
        parts.push("[", this.#name(start), "]");
        if (!this.#takes("]")) this.#fail(start, "] is missing");
      } else if (isFirst) parts.push(this.#name(start));
      else if (this.#takes(".")) parts.push(".", this.#name(start));
      else break;
      isFirst = false;
    }
    this.#close(start);
    return { kind: "key", parts, text: this.#text.slice(start, this.#at) };
  }

  #name(start: number): string | Reference {
    if (this.#text.startsWith("${", this.#at)) return this.#reference();
    const name = this.#match(/[^\\{}()[\]:. \t'"]+/y);
    if (name === undefined) this.#fail(start, "a key is missing");
    this.#at += name.length;
    return name;
  }

  /** Arguments with commas between; one that is missing is empty text, as OmegaConf has it. */
  #sequence(end: "}" | "]"): readonly Argument[] {
    const args: Argument[] = [];
    for (;;) {
      const isMissing = this.#peek()?.kind === "," || this.#peek()?.kind === end;
      args.push(isMissing ? { kind: "quoted", template: [""] } : this.#argument());
      if (!this.#takesToken(",")) return args;
    }
  }

  #argument(): Argument {
    if (++this.#depth > maxDepth) this.#fail(this.#at, `nested deeper than ${maxDepth} levels`);
    const argument = this.#anyArgument();
    this.#depth -= 1;
    return argument;
  }

  #anyArgument(): Argument {
    const letter = this.#text[this.#at];
    if (letter === "'" || letter === '"') return this.#quoted(letter);
    if (this.#takesToken("[")) {
      const items = this.#takesToken("]") ? null : this.#sequence("]");
      if (items && !this.#takesToken("]")) this.#fail(this.#at, "] is missing");
      return { kind: "list", items: items ?? [] };
    }
    if (this.#takesToken("{")) return { kind: "map", entries: this.#entries() };
    const parts = this.#primitive({ isKey: false });
    if (parts.length === 0) this.#fail(this.#at, "a value is missing");
    return { kind: "primitive", parts };
  }

  #quoted(quote: string): Argument {
    const start = this.#at;
    this.#at += 1;
    const template = this.template(quote);
    if (!this.#takes(quote)) this.#fail(start, `the quote ${quote} is not closed`);
    return { kind: "quoted", template };
  }

  #entries(): readonly (readonly [readonly Token[], Argument])[] {
    const entries: [readonly Token[], Argument][] = [];
    if (this.#takesToken("}")) return entries;
    do {
      const key = this.#primitive({ isKey: true }) as readonly Token[];
      if (key.length === 0) this.#fail(this.#at, "a key is missing");
      if (!this.#takesToken(":")) this.#fail(this.#at, ": is missing");
      entries.push([key, this.#argument()]);
    } while (this.#takesToken(","));
    if (!this.#takesToken("}")) this.#fail(this.#at, "its } is missing");
    return entries;
  }

  #primitive({ isKey }: { readonly isKey: boolean }): readonly (Token | Reference)[] {
    const parts: (Token | Reference)[] = [];
    for (;;) {
      if (!isKey && this.#text.startsWith("${", this.#at)) {
        parts.push(this.#reference());
        continue;
      }
      const token = this.#peek();
      if (!token || !(isOfPrimitive(token.kind) || (token.kind === ":" && !isKey))) return parts;
      parts.push(token);
      this.#at += token.text.length;
    }
  }

  #peek(): Token | null {
    return nextToken(this.#text, this.#at);
  }

  #takesToken(kind: TokenKind): boolean {
    const token = this.#peek();
    if (token?.kind !== kind) return false;
    this.#at += token.text.length;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0];
  }

  #close(start: number): void {
    this.#skipSpaces();
    if (!this.#takes("}")) this.#fail(start, "its } is missing");
  }

  #takes(mark: string): boolean {
    if (this.#text[this.#at] !== mark) return false;
    this.#at += 1;
    return true;
  }

  #skipSpaces(): void {
    this.#at += (this.#match(/[ \t]*/y) ?? "").length;
  }

  #fail(start: number, message: string): never {
    throw new TemplateFault(
      `${this.#text.slice(start, start + 40)} is no interpolation: ${message}`,
    );
  }
}
