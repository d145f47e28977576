import { type Entry, forbiddenKeys, keyOf, type Node, type ScalarValue } from "../node/node.ts";
import type { Source } from "../node/source.ts";
import { noValueFault, readPlainScalar } from "./yaml-scalar.ts";

/**
 * Reads the YAML that configs are mostly written in, in one pass: mappings and lists by
 * indentation, values on one line, `[1, 2]`, `{a: 1}`, quotes without escapes, comments. For all
 * else, and for all that is wrong, it gives up: the full reader then reads it, or says what is
 * wrong. It exists for the start of a command, of which the full reader took a fifth.
 *
 * @returns the node, null for a file without content, undefined for what is not this simple.
 */
export function readSimpleYaml(text: string, path: string): Node | null | undefined {
  if (text.length > maxLetters || /[^\n -~]/.test(text)) return undefined;
  const lines = contentLines(text);
  if (lines === undefined || lines.length > maxLines) return undefined;
  if (lines.length === 0) return null;
  const reader = new SimpleReader(lines, path);
  const node = lines[0]?.indent === 0 ? reader.block(0, 0) : undefined;
  return reader.isAtEnd ? node : undefined;
}

const maxLetters = 32 * 1024;
const maxLines = 1000;
const maxDepth = 16;

/** A line with something on it, without its comment. */
interface Line {
  readonly number: number;
  readonly indent: number;
  /** From the first letter to the last; the comment, if any, is still there. */
  readonly text: string;
}

function contentLines(text: string): readonly Line[] | undefined {
  const found: Line[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    const indent = line.search(/[^ ]/);
    if (indent < 0 || line[indent] === "#") continue;
    if (indent === 0 && /^(?:---|\.\.\.|%)/.test(line)) return undefined;
    found.push({ number: i + 1, indent, text: line.slice(indent).trimEnd() });
  }
  return found;
}

/** Letters that have no meaning of their own wherever they stand in a scalar without quotes. */
const plainStart = /[A-Za-z0-9_.$/+~(<=;^\\-]/;
const keyPattern = /[A-Za-z0-9_./][A-Za-z0-9_./@$*+-]*(?: [A-Za-z0-9_./@$*+-]+)*(?=:(?: |$))/y;
const quotedKeyPattern = /(?:'(?:[^']|'')*'|"[^"\\]*")(?=:(?: |$))/y;
const quotedPattern = /'(?:[^']|'')*'|"[^"\\]*"/y;
const flowPlainPattern = /[A-Za-z0-9_.$/+~(<=^\\-][^,[\]{}#:&*!|>'"%@`?]*/y;
const flowKeyPattern = /[A-Za-z0-9_./][A-Za-z0-9_./-]*(?=: )/y;

class SimpleReader {
  readonly #lines: readonly Line[];
  readonly #path: string;
  #at = 0;
  /** Place in the line that is read: in its text, from 0. */
  #column = 0;
  #gaveUp = false;

  constructor(lines: readonly Line[], path: string) {
    this.#lines = lines;
    this.#path = path;
  }

  get isAtEnd(): boolean {
    return !this.#gaveUp && this.#at === this.#lines.length;
  }

  /** The mapping or list whose lines begin at `indent`; the first may begin within its line. */
  block(indent: number, depth: number): Node | undefined {
    const line = this.#line;
    if (!line || depth > maxDepth) return this.#giveUp();
    const rest = line.text.slice(this.#column);
    return rest === "-" || rest.startsWith("- ")
      ? this.#list(indent, depth)
      : this.#map(indent, depth);
  }

  get #line(): Line | undefined {
    return this.#lines[this.#at];
  }

  #map(indent: number, depth: number): Node | undefined {
    const source = this.#source();
    const entries = new Map<string, Entry>();
    for (;;) {
      const keySource = this.#source();
      const key = this.#key(keyPattern);
      if (key === undefined || entries.has(key)) return this.#giveUp();
      const node = this.#valueOfKey(indent, depth);
      if (node === undefined) return undefined;
      entries.set(key, { keySource, node });
      const next = this.#line;
      if (!next || next.indent < indent) return { kind: "map", entries, source };
      if (next.indent > indent) return this.#giveUp();
      if (next.text.startsWith("- ") || next.text === "-") return this.#giveUp();
    }
  }

  #list(indent: number, depth: number): Node | undefined {
    const source = this.#source();
    const items: Node[] = [];
    for (;;) {
      const line = this.#line;
      if (!line) return this.#giveUp();
      const rest = line.text.slice(this.#column + 1);
      const spaces = rest.search(/[^ ]/);
      if (spaces < 1) return this.#giveUp();
      this.#column += 1 + spaces;
      const inner = line.indent + this.#column;
      const node = this.#isBlockStart() ? this.block(inner, depth + 1) : this.#value(depth);
      if (node === undefined) return undefined;
      items.push(node);
      const next = this.#line;
      const isItem = next?.indent === indent && /^-(?: |$)/.test(next.text);
      if (!isItem) {
        return next && next.indent > indent ? this.#giveUp() : { kind: "list", items, source };
      }
    }
  }

  /** Whether a list or mapping begins here, in a line that began with a dash. */
  #isBlockStart(): boolean {
    const text = this.#line?.text ?? "";
    if (text.startsWith("- ", this.#column)) return true;
    const pattern = /['"]/.test(text[this.#column] ?? "") ? quotedKeyPattern : keyPattern;
    pattern.lastIndex = this.#column;
    return pattern.test(text);
  }

  #key(pattern: RegExp): string | undefined {
    const text = this.#line?.text ?? "";
    if (/['"]/.test(text[this.#column] ?? "")) return this.#quotedKey(text);
    pattern.lastIndex = this.#column;
    const found = pattern.exec(text)?.[0];
    if (found === undefined || forbiddenKeys.has(found)) return undefined;
    const read = readPlainScalar(found);
    if ("fault" in read || read.value === null || read.isFloat) return undefined;
    this.#column += found.length + 1;
    return keyOf(read.value);
  }

  #quotedKey(text: string): string | undefined {
    quotedKeyPattern.lastIndex = this.#column;
    const node = quotedKeyPattern.test(text) ? this.#quoted() : undefined;
    if (node?.kind !== "scalar" || forbiddenKeys.has(String(node.value))) return undefined;
    this.#column += 1;
    return String(node.value);
  }

  #valueOfKey(indent: number, depth: number): Node | undefined {
    const line = this.#line;
    const rest = line?.text.slice(this.#column) ?? "";
    const isBare = /^ *(?: #.*)?$/.test(rest);
    if (!isBare) {
      this.#column += rest.search(/[^ ]/);
      return this.#value(depth);
    }
    this.#next();
    const next = this.#line;
    // a list may stand at the indentation of its key; a key with nothing is left to the other reader
    const isDeeper = next !== undefined && next.indent > indent;
    const isList = next?.indent === indent && /^-(?: |$)/.test(next.text);
    if (!next || !(isDeeper || isList)) return this.#giveUp();
    return this.block(next.indent, depth + 1);
  }

  /** What stands on the rest of this line, and nothing below it. */
  #value(depth: number): Node | undefined {
    const line = this.#line;
    const letter = line?.text[this.#column];
    if (!line || letter === undefined) return this.#giveUp();
    const node =
      letter === "[" || letter === "{"
        ? this.#flow(depth + 1)
        : letter === "'" || letter === '"'
          ? this.#quoted()
          : this.#plain();
    if (node === undefined || !/^ *(?: #.*)?$/.test(line.text.slice(this.#column))) {
      return this.#giveUp();
    }
    this.#next();
    return node;
  }

  #plain(): Node | undefined {
    const text = this.#line?.text ?? "";
    const source = this.#source();
    const comment = text.indexOf(" #", this.#column);
    const end = comment < 0 ? text.length : comment;
    const found = text.slice(this.#column, end).trimEnd();
    const isPlain = plainStart.test(found[0] ?? "") && !/^[-](?: |$)|: |:$/.test(found);
    this.#column += found.length;
    return isPlain ? this.#scalar(found, source) : this.#giveUp();
  }

  #scalar(text: string, source: Source): Node | undefined {
    if (noValueFault(text) !== null) return this.#giveUp();
    const read = readPlainScalar(text);
    return "fault" in read ? this.#giveUp() : { kind: "scalar", ...read, source };
  }

  #quoted(): Node | undefined {
    const source = this.#source();
    quotedPattern.lastIndex = this.#column;
    const found = quotedPattern.exec(this.#line?.text ?? "")?.[0];
    if (found === undefined) return this.#giveUp();
    this.#column += found.length;
    const inner = found.slice(1, -1);
    const value: ScalarValue = found.startsWith("'") ? inner.replaceAll("''", "'") : inner;
    return { kind: "scalar", value, source };
  }

  #flow(depth: number): Node | undefined {
    if (depth > maxDepth) return this.#giveUp();
    const letter = this.#line?.text[this.#column];
    if (letter === "'" || letter === '"') return this.#quoted();
    if (letter === "[") return this.#flowList(depth);
    if (letter === "{") return this.#flowMap(depth);
    const source = this.#source();
    const text = this.#line?.text ?? "";
    flowPlainPattern.lastIndex = this.#column;
    const found = flowPlainPattern.exec(text)?.[0].trimEnd();
    if (found === undefined || /^-(?: |$)/.test(found)) return this.#giveUp();
    this.#column += found.length;
    return this.#scalar(found, source);
  }

  #flowList(depth: number): Node | undefined {
    const source = this.#source();
    const items: Node[] = [];
    this.#column += 1;
    if (this.#takes("]")) return { kind: "list", items, source };
    do {
      this.#skipSpaces();
      const item = this.#flow(depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
    } while (this.#takes(","));
    return this.#takes("]") ? { kind: "list", items, source } : this.#giveUp();
  }

  #flowMap(depth: number): Node | undefined {
    const source = this.#source();
    const entries = new Map<string, Entry>();
    this.#column += 1;
    if (this.#takes("}")) return { kind: "map", entries, source };
    do {
      this.#skipSpaces();
      const keySource = this.#source();
      const key = this.#key(flowKeyPattern);
      if (key === undefined || entries.has(key)) return this.#giveUp();
      this.#skipSpaces();
      const node = this.#flow(depth + 1);
      if (node === undefined) return undefined;
      entries.set(key, { keySource, node });
    } while (this.#takes(","));
    return this.#takes("}") ? { kind: "map", entries, source } : this.#giveUp();
  }

  #takes(mark: string): boolean {
    this.#skipSpaces();
    if (this.#line?.text[this.#column] !== mark) return false;
    this.#column += 1;
    return true;
  }

  #skipSpaces(): void {
    while (this.#line?.text[this.#column] === " ") this.#column += 1;
  }

  #next(): void {
    this.#at += 1;
    this.#column = 0;
  }

  #source(): Source {
    const { number = 1, indent = 0 } = this.#line ?? {};
    return { kind: "file", path: this.#path, line: number, column: indent + this.#column + 1 };
  }

  #giveUp(): undefined {
    this.#gaveUp = true;
    return undefined;
  }
}
