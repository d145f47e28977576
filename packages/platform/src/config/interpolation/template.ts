/** A string with `${...}` in it: literal text and references, in turns. */
export type Template = readonly (string | Reference)[];

/** `${a.b}`, `${..x}` or `${oc.env:NAME,default}`. */
export type Reference = KeyReference | ResolverCall;

export interface KeyReference {
  readonly kind: "key";
  /** 0: from the root; 1: beside this key; 2: beside its parent. */
  readonly numLevelsUp: number;
  /** Each part may hold references itself: `${a.${b}}`. */
  readonly path: readonly Template[];
  readonly text: string;
}

interface ResolverCall {
  readonly kind: "call";
  readonly name: string;
  readonly arguments: readonly Argument[];
  readonly text: string;
}

/** Text in quotes stays text; without them `1` is a number and `null` is null. */
export interface Argument {
  readonly template: Template;
  readonly isQuoted: boolean;
}

/** Text that looks like an interpolation and is none. */
export class TemplateFault extends Error {}

export const hasReference = (text: string): boolean => text.includes("${");

/**
 * Parses `${...}` in a string. `\${` is the text `${`.
 *
 * Source: OmegaConf 2.3 `grammar/OmegaConfGrammarParser.g4`; lists and mappings as arguments of a
 * resolver are refused for now.
 *
 * @throws {@link TemplateFault} for a `${` without its end, or with nothing in it.
 */
export function parseTemplate(text: string): Template {
  return new TemplateParser(text).template(() => false);
}

class TemplateParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Up to the first letter, outside of references, for which `ends` holds. */
  template(ends: (letter: string) => boolean): Template {
    const parts: (string | Reference)[] = [];
    let literal = "";
    while (this.#at < this.#text.length) {
      const slashes = /^(\\*)\$\{/.exec(this.#text.slice(this.#at))?.[1];
      if (slashes === undefined) {
        const letter = this.#text[this.#at] ?? "";
        if (ends(letter)) break;
        literal += letter;
        this.#at += 1;
        continue;
      }
      literal += "\\".repeat(slashes.length >> 1);
      this.#at += slashes.length;
      if (slashes.length % 2 === 1) {
        literal += "${";
        this.#at += 2;
        continue;
      }
      if (literal !== "") parts.push(literal);
      literal = "";
      parts.push(this.#reference());
    }
    return literal === "" ? parts : [...parts, literal];
  }

  #reference(): Reference {
    const start = this.#at;
    this.#at += 2;
    this.#skipSpaces();
    const call = /^[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*(?=\s*:)/.exec(this.#text.slice(this.#at))?.[0];
    if (call === undefined) return this.#key(start);
    this.#at += call.length;
    this.#skipSpaces();
    this.#at += 1;
    const args = this.#arguments();
    this.#close(start);
    return { kind: "call", name: call, arguments: args, text: this.#text.slice(start, this.#at) };
  }

  #key(start: number): KeyReference {
    const dots = /^\.*/.exec(this.#text.slice(this.#at))?.[0] ?? "";
    this.#at += dots.length;
    const path: Template[] = [];
    do {
      const part = this.template((letter) => ".[]} \t:".includes(letter));
      if (part.length === 0) this.#fail(start, "a key is missing");
      path.push(part);
      while (this.#takes("[")) {
        path.push(this.template((letter) => letter === "]" || letter === "}"));
        if (!this.#takes("]")) this.#fail(start, "] is missing");
      }
    } while (this.#takes("."));
    this.#close(start);
    const text = this.#text.slice(start, this.#at);
    return { kind: "key", numLevelsUp: dots.length, path, text };
  }

  #arguments(): readonly Argument[] {
    this.#skipSpaces();
    if (this.#text[this.#at] === "}") return [];
    const args: Argument[] = [];
    do {
      this.#skipSpaces();
      args.push(this.#argument());
      this.#skipSpaces();
    } while (this.#takes(","));
    return args;
  }

  #argument(): Argument {
    const quote = this.#text[this.#at];
    if (quote === "'" || quote === '"') {
      this.#at += 1;
      const template = this.template((letter) => letter === quote);
      if (!this.#takes(quote)) this.#fail(this.#at, `the quote ${quote} is not closed`);
      return { template, isQuoted: true };
    }
    if (quote === "[" || quote === "{") this.#fail(this.#at, `${quote} is not read here yet`);
    const template = this.template((letter) => letter === "," || letter === "}");
    const last = template.at(-1);
    const trimmed =
      typeof last === "string" ? [...template.slice(0, -1), last.trimEnd()] : template;
    return { template: trimmed, isQuoted: false };
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
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at += 1;
  }

  #fail(start: number, message: string): never {
    throw new TemplateFault(
      `${this.#text.slice(start, start + 40)} is no interpolation: ${message}`,
    );
  }
}
