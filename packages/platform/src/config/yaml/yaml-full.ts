import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
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
import { type At, maxDepth, parseDocument } from "./yaml-document.ts";
import { noValueFault, type ReadScalar, readPlainScalar } from "./yaml-scalar.ts";

/** What a config may be at most when its aliases are followed; far above any that people write. */
const maxNodes = 20_000;

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
    if (this.#numNodes > maxNodes) {
      throw new ConfigYamlError(source, `aliases expand to more than ${maxNodes} values`);
    }
    if (depth > maxDepth) {
      throw new ConfigYamlError(source, `nested deeper than ${maxDepth} levels`);
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
