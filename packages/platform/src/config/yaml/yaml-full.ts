import {
  type Alias,
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  Parser,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
  type Node as YamlNode,
} from "yaml";
import { ConfigYamlError } from "../faults/errors.ts";
import {
  type Entry,
  forbiddenKeys,
  keyOf,
  keyText,
  type Node,
  type ScalarValue,
} from "../node/node.ts";
import type { Source } from "../node/source.ts";
import { pyyamlLexemes } from "./pyyaml-lexemes.ts";
import { noValueFault, type ReadScalar, readPlainScalar } from "./yaml-scalar.ts";

/** What a config file may be at most; far above any that people write. */
const limits = { bytes: 256 * 1024, items: 10_000, lexemes: 20_000, depth: 64, nodes: 20_000 };

/**
 * Reads any YAML with the place of every value, as PyYAML reads it (`yaml-scalar.ts`).
 *
 * @returns null for a file without content.
 * @throws {@link ConfigYamlError} as `parseConfigFile`.
 */
export function readFullYaml(text: string, path: string): Node | null {
  const lines = new LineCounter();
  const at = (offset: number): Source => {
    const { line, col } = lines.linePos(offset);
    return { kind: "file", path, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const document = parseDocument(text, lines, at);
  return document?.contents ? new Reader(at).read(document.contents, 0) : null;
}

type At = (offset: number) => Source;

function parseDocument(text: string, lines: LineCounter, at: At): Document.Parsed | undefined {
  if (text.length > limits.bytes) {
    const size = `${text.length} characters, which is more than ${limits.bytes}`;
    throw new ConfigYamlError(at(0), `a config file of ${size} is refused`);
  }
  const items = countItems(text);
  if (items > limits.items) {
    const size = `${items} lines and commas, which is more than ${limits.items}`;
    throw new ConfigYamlError(at(0), `a config file of ${size}, is refused`);
  }
  const wrong = refusedCharacter.exec(text);
  if (wrong) {
    lines.addNewLine(0);
    for (let i = text.indexOf("\n"); i >= 0 && i < wrong.index; i = text.indexOf("\n", i + 1)) {
      lines.addNewLine(i + 1); // nothing has been read so far, so no line is known
    }
    throw new ConfigYamlError(at(wrong.index), characterFault(wrong[0]));
  }
  const composer = new Composer({ schema: "failsafe", uniqueKeys: false });
  const [first, second] = composer.compose(tokens(text, lines, at), false, text.length);
  const error = first?.errors[0];
  if (error) throw new ConfigYamlError(at(error.pos[0]), sentence(error.message));
  if (second) throw new ConfigYamlError(at(second.range[0]), "expected one document, found two");
  return first;
}

/** What PyYAML refuses; and what it takes for the end of a line, where nobody sees one. */
const refusedCharacter = /[^\t\n\r -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

function characterFault(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  const name = code === "0000" ? "a NUL character" : `the character U+${code}`;
  return `${name} cannot be in a config; in double quotes it is written \\u${code}`;
}

/** Known at once, so that a file of a hundred thousand lines is refused before it is read. */
function countItems(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 10 || code === 13 || code === 44) count += 1;
  }
  return count;
}

/** Stops at the first token that is too deep: the parser would only fall over it later. */
function* tokens(text: string, lines: LineCounter, at: At) {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let count = 0;
  for (const lexeme of pyyamlLexemes(text)) {
    if (lexeme.isTabbed) {
      const message = "a tab can stand in quotes, comments and blocks of text alone; use spaces";
      throw new ConfigYamlError(at(parser.offset + lexeme.text.indexOf("\t")), message);
    }
    yield* parser.next(lexeme.text);
    // the stack holds the document, and two entries for a scalar at the end
    if (parser.stack.length > limits.depth + 3) {
      throw new ConfigYamlError(at(parser.offset), `nested deeper than ${limits.depth} levels`);
    }
    if (++count > limits.lexemes) {
      throw new ConfigYamlError(at(parser.offset), `more than ${limits.lexemes} words and marks`);
    }
  }
  yield* parser.end();
}

/** The library's message in one line, without its picture of the place. */
const sentence = (message: string) => (message.split("\n")[0] ?? "").replace(/ at line .*$/, "");

/** What an anchor names; null while it is read. */
interface Anchored {
  readonly node: Node;
  /** Values in it, itself included. */
  readonly size: number;
  /** Levels below it. */
  readonly height: number;
}

class Reader {
  readonly #at: At;
  #numNodes = 0;
  /** The deepest value so far of what is read. */
  #deepest = 0;
  readonly #anchored = new Map<string, Anchored | null>();
  /** Lists and mappings in brackets around the value that is read now. */
  #numBrackets = 0;

  constructor(at: At) {
    this.#at = at;
  }

  read(node: YamlNode, depth: number): Node {
    if (isAlias(node)) return this.#alias(node, depth);
    const anchor = node.anchor;
    if (anchor === undefined) return this.#value(node, depth);
    const [numBefore, deepestBefore] = [this.#numNodes, this.#deepest];
    this.#deepest = depth;
    this.#anchored.set(anchor, null);
    const read = this.#value(node, depth);
    const size = this.#numNodes - numBefore;
    this.#anchored.set(anchor, { node: read, size, height: this.#deepest - depth });
    this.#deepest = Math.max(this.#deepest, deepestBefore);
    return read;
  }

  /** Counts a value, or all that an alias brings, before anything is made of it. */
  #count(source: Source, { size, depth }: { readonly size: number; readonly depth: number }): void {
    this.#numNodes += size;
    this.#deepest = Math.max(this.#deepest, depth);
    if (this.#numNodes > limits.nodes) {
      throw new ConfigYamlError(source, `aliases expand to more than ${limits.nodes} values`);
    }
    if (depth > limits.depth) {
      throw new ConfigYamlError(source, `nested deeper than ${limits.depth} levels`);
    }
  }

  /** The very value that was read at the anchor, so that a thousand aliases cost no more than one. */
  #alias(alias: Alias, depth: number): Node {
    const source = this.#source(alias);
    const found = this.#anchored.get(alias.source);
    if (found) {
      this.#count(source, { size: found.size, depth: depth + found.height });
      return found.node;
    }
    const message =
      found === null
        ? `the alias *${alias.source} stands inside of what it names`
        : `no anchor &${alias.source} before this alias`;
    throw new ConfigYamlError(source, message);
  }

  #value(node: Exclude<YamlNode, Alias>, depth: number): Node {
    const source = this.#source(node);
    this.#count(source, { size: 1, depth });
    if (isScalar(node)) {
      const fault = node.type === "PLAIN" && node.tag === undefined && noValueFault(node.source);
      if (fault) throw new ConfigYamlError(source, fault);
      return { kind: "scalar", ...this.#scalar(node), source };
    }
    if (!isMap(node) && !isSeq(node)) throw new ConfigYamlError(source, "expected a value");
    this.#numBrackets += node.flow ? 1 : 0;
    const read: Node = isMap(node)
      ? { kind: "map", entries: this.#entries(node, depth), source }
      : { kind: "list", items: this.#items(node, depth), source };
    this.#numBrackets -= node.flow ? 1 : 0;
    return read;
  }

  #items(list: YAMLSeq, depth: number): readonly Node[] {
    if (list.tag !== undefined && list.tag !== "tag:yaml.org,2002:seq") this.#refuseTag(list);
    return list.items.map((item) => this.read(item as YamlNode, depth + 1));
  }

  #entries(map: YAMLMap, depth: number): ReadonlyMap<string, Entry> {
    if (map.tag !== undefined && map.tag !== "tag:yaml.org,2002:map") this.#refuseTag(map);
    const own = new Map<string, Entry>();
    const merged = new Map<string, Entry>();
    for (const { key: keyNode, value } of map.items) {
      const key = this.#key(keyNode as YamlNode);
      const keySource = this.#source(keyNode as YamlNode);
      if (own.has(key))
        throw new ConfigYamlError(keySource, `the key ${keyText(key)} is given twice`);
      const node = value
        ? this.read(value as YamlNode, depth + 1)
        : ({ kind: "scalar", value: null, source: keySource } as const);
      if (key === "<<" && (keyNode as Scalar).type === "PLAIN") mergeKeys(merged, node, keySource);
      else own.set(key, { keySource, node });
    }
    return new Map([...merged, ...own]);
  }

  /** `1:`, `1.5:` and `yes:` are keys that are no text, as in Python. */
  #key(node: YamlNode): string {
    const source = this.#source(node);
    if (!isScalar(node)) throw new ConfigYamlError(source, "expected a key that is a single word");
    const { value } = this.#scalar(node);
    if (value === null) throw new ConfigYamlError(source, "null is no key; put it in quotes");
    const key = keyOf(value);
    if (!forbiddenKeys.has(key)) return key;
    throw new ConfigYamlError(source, `the key ${key} is refused: it has a meaning in JavaScript`);
  }

  #scalar(node: Scalar): { readonly value: ScalarValue; readonly isFloat?: boolean } {
    const text = String(node.value ?? "");
    const kind = /^tag:yaml\.org,2002:(str|int|float|bool|null)$/.exec(node.tag ?? "")?.[1];
    if (node.tag !== undefined && kind === undefined) this.#refuseTag(node);
    if (kind === "str" || (kind === undefined && node.type !== "PLAIN")) return { value: text };
    if (text.startsWith("?") && this.#numBrackets > 0) {
      const message = `in brackets PyYAML takes ${text} for a key; put it in quotes`;
      throw new ConfigYamlError(this.#source(node), message);
    }
    const read = tagged(readPlainScalar(text), kind);
    if ("fault" in read) throw new ConfigYamlError(this.#source(node), read.fault);
    return read;
  }

  #refuseTag(node: YamlNode): never {
    throw new ConfigYamlError(
      this.#source(node),
      `the tag ${node.tag} is refused: configs hold data`,
    );
  }

  #source(node: YamlNode): Source {
    return this.#at(node.range?.[0] ?? 0);
  }
}

/** `!!float 1` is 1.0; a value of another kind than its tag says is a fault. */
function tagged(read: ReadScalar, kind: string | undefined): ReadScalar {
  if ("fault" in read || kind === undefined) return read;
  const found = read.value === null ? "null" : typeof read.value;
  const isFloat = kind === "float" || (read.isFloat ?? false);
  const wanted = kind === "int" || kind === "float" ? "number" : kind === "bool" ? "boolean" : kind;
  if (found !== wanted || (kind === "int" && isFloat)) {
    return { fault: `${JSON.stringify(read.value)} is not what its tag !!${kind} says` };
  }
  return isFloat ? { value: read.value, isFloat } : read;
}

/** `<<: *base` and `<<: [*a, *b]`: what is named first wins, and own keys win over all. */
function mergeKeys(merged: Map<string, Entry>, node: Node, source: Source): void {
  for (const map of node.kind === "list" ? node.items : [node]) {
    if (map.kind !== "map")
      throw new ConfigYamlError(source, "<< takes a mapping, or a list of them");
    for (const [key, entry] of map.entries) if (!merged.has(key)) merged.set(key, entry);
  }
}
