import { ConfigInterpolationError } from "../errors.ts";
import { didYouMean } from "../nearest.ts";
import {
  childOf,
  childrenOf,
  type Entry,
  isMissing,
  keyOf,
  type MapNode,
  missing,
  type Node,
  nodeAt,
  type ScalarNode,
} from "../node.ts";
import { pythonStr } from "../python-text.ts";
import { splitKey } from "./key-path.ts";
import { isToken, primitive, tokenText } from "./primitive.ts";
import { ResolverFault } from "./resolver-fault.ts";
import { type Call, type ResolverContext, resolvers } from "./resolvers.ts";
import {
  type Argument,
  hasReference,
  type KeyReference,
  parseArgument,
  parseTemplate,
  type Reference,
  type ResolverCall,
  type Template,
  TemplateFault,
} from "./template.ts";

/**
 * The config with every `${...}` replaced by what it stands for. Each value keeps the place where
 * it is written; what a reference brings in keeps its own. A value that cannot be told, since a
 * reference leads nowhere or in a circle, stays as it is written, and is handed to `report`.
 *
 * @throws {@link ConfigInterpolationError} for what is nested too deep, or expands to too much.
 */
export function resolveAll(
  root: MapNode,
  context: ResolverContext,
  report: (fault: ConfigInterpolationError, path: readonly string[]) => void,
): MapNode {
  const instead: Instead = (fault, path, node) => {
    report(fault, path);
    return node;
  };
  return new Resolution(root, context).attempted(root, [], instead) as MapNode;
}

/**
 * The part of a config at a path, resolved; `???` stands for what a value that is still to be given
 * would say.
 *
 * Source: OmegaConf 2.3 `OmegaConf.resolve`.
 */
export function resolvePart(root: MapNode, path: Path, context: ResolverContext): Node | undefined {
  const part = nodeAt(root, path);
  const instead = (fault: ConfigInterpolationError, _: Path, { source }: Node): Node => {
    if (!fault.isToBeGiven) throw fault;
    return { kind: "scalar", value: missing, source };
  };
  return part && new Resolution(root, context).attempted(part, path, instead);
}

/** One value of a config, resolved; undefined where the path leads nowhere. */
export function resolveAt(
  root: MapNode,
  path: readonly string[],
  context: ResolverContext,
): Node | undefined {
  return new Resolution(root, context).at(path);
}

/**
 * A value that is one reference to a mapping or list, as what it stands for now, with the
 * references inside still as written; undefined for every other value.
 */
export function referredContainer(
  root: MapNode,
  path: readonly string[],
  context: ResolverContext,
): Node | undefined {
  return new Resolution(root, context).container(path);
}

type Path = readonly string[];

/** What stands where a value cannot be told. */
type Instead = (fault: ConfigInterpolationError, path: Path, node: Node) => Node;

/** A value as written, and where; without a path it is final, and holds no references. */
interface Located {
  readonly node: Node;
  readonly path: Path | null;
}

const limits = { depth: 64, nodes: 100_000, letters: 100_000 };

class Resolution {
  readonly #root: MapNode;
  readonly #context: ResolverContext;
  /** Scalars that are being resolved now, by path: meeting one again is a circle. */
  readonly #open = new Set<string>();
  readonly #done = new Map<string, Node>();
  /** What each reference that was followed leads to; else doubled text would be made doubly. */
  readonly #targets = new Map<string, Located>();
  /** Values inside a resolved node, with repetitions: nine references to nine to nine are many. */
  readonly #sizes = new WeakMap<Node, number>();

  constructor(root: MapNode, context: ResolverContext) {
    this.#root = root;
    this.#context = context;
  }

  at(path: Path): Node | undefined {
    const found = this.#walk({ node: this.#root, path: [] }, path);
    return found && this.#full(found);
  }

  container(path: Path): Node | undefined {
    let located = this.#walk({ node: this.#root, path: [] }, path);
    const first = located?.node;
    try {
      located = located && this.#followed(located);
    } catch (error) {
      if (error instanceof ConfigInterpolationError) return undefined; // it may lead somewhere later
      throw error;
    }
    const isOther = located?.node !== first && located?.node.kind !== "scalar";
    return isOther ? located?.node : undefined;
  }

  map(map: MapNode, path: Path): MapNode {
    const entries = new Map<string, Entry>();
    for (const [key, { keySource, node }] of map.entries) {
      entries.set(key, { keySource, node: this.node(node, [...path, key]) });
    }
    return this.#sized({ ...map, entries });
  }

  node(node: Node, path: Path): Node {
    if (path.length > limits.depth) {
      throw new ConfigInterpolationError(node.source, `nested deeper than ${limits.depth} levels`);
    }
    switch (node.kind) {
      case "map":
        return this.map(node, path);
      case "list": {
        const items = node.items.map((item, i) => this.node(item, [...path, `${i}`]));
        return this.#sized({ ...node, items });
      }
      case "scalar":
        return this.#scalar(node, path);
      default:
        return node satisfies never;
    }
  }

  attempted(node: Node, path: Path, instead: Instead): Node {
    if (node.kind === "scalar") {
      try {
        return this.node(node, path);
      } catch (error) {
        if (!(error instanceof ConfigInterpolationError)) throw error;
        return instead(error, path, node);
      }
    }
    if (node.kind === "list") {
      const items = node.items.map((item, i) => this.attempted(item, [...path, `${i}`], instead));
      return this.#sized({ ...node, items });
    }
    const entries = [...node.entries].map(
      ([key, entry]) =>
        [key, { ...entry, node: this.attempted(entry.node, [...path, key], instead) }] as const,
    );
    return this.#sized({ ...node, entries: new Map(entries) });
  }

  #sized<N extends Node>(node: N): N {
    let size = 1;
    for (const child of childrenOf(node)) size += this.#sizes.get(child) ?? 1;
    if (size > limits.nodes) {
      const message = `interpolations expand to more than ${limits.nodes} values`;
      throw new ConfigInterpolationError(node.source, message);
    }
    this.#sizes.set(node, size);
    return node;
  }

  #scalar(node: ScalarNode, path: Path): Node {
    if (typeof node.value !== "string" || !hasReference(node.value)) return node;
    const name = path.join("\n");
    const done = this.#done.get(name);
    if (done) return done;
    const value = this.#opened(node, path, () =>
      this.#full(this.#template(parse(node), node, path)),
    );
    this.#done.set(name, value);
    return value;
  }

  /** Every step through a reference comes by here, so that a circle is found. */
  #opened<T>(node: ScalarNode, path: Path, act: () => T): T {
    const name = path.join("\n");
    if (this.#open.has(name)) {
      const circle = [...this.#open, name].map((one) => one.replaceAll("\n", "."));
      const message = `${node.value} goes in a circle: ${circle.join(" -> ")}`;
      throw new ConfigInterpolationError(node.source, message);
    }
    if (this.#open.size > limits.depth) {
      const message = `references follow each other ${limits.depth} times`;
      throw new ConfigInterpolationError(node.source, message);
    }
    this.#open.add(name);
    try {
      return act();
    } finally {
      this.#open.delete(name);
    }
  }

  #full({ node, path }: Located): Node {
    return path === null ? node : this.node(node, path);
  }

  /** What a value that is a reference stands for; its inside stays as written, and where it is. */
  #followed(located: Located): Located {
    const { node, path } = located;
    if (path === null || node.kind !== "scalar") return located;
    if (typeof node.value !== "string" || !hasReference(node.value)) return located;
    const name = path.join("\n");
    const known = this.#targets.get(name);
    if (known) return known;
    const target = this.#opened(node, path, () =>
      this.#followed(this.#template(parse(node), node, path)),
    );
    this.#targets.set(name, target);
    return target;
  }

  /** A reference alone keeps its type; between text it becomes text. */
  #template(template: Template, node: ScalarNode, path: Path): Located {
    const [only, ...more] = template;
    if (only !== undefined && typeof only !== "string" && more.length === 0) {
      return this.#reference(only, node, path);
    }
    const texts = template.map((part) =>
      typeof part === "string" ? part : this.#text(part, node, path),
    );
    const length = texts.reduce((sum, text) => sum + text.length, 0);
    if (length > limits.letters) {
      const message = `references expand to text of ${length} letters`;
      throw new ConfigInterpolationError(node.source, message);
    }
    return { node: { kind: "scalar", value: texts.join(""), source: node.source }, path: null };
  }

  /** A mapping between text is printed as it is written, as OmegaConf does. */
  #text(reference: Reference, node: ScalarNode, path: Path): string {
    return pythonStr(this.#followed(this.#reference(reference, node, path)).node);
  }

  #reference(reference: Reference, node: ScalarNode, path: Path): Located {
    if (reference.kind === "key") return this.#key(reference, node, path);
    return { node: this.#call(reference, node, path), path: null };
  }

  #call(reference: ResolverCall, node: ScalarNode, path: Path): Node {
    const name = reference.name.map((part) => this.#name(part, node, path)).join(".");
    const resolver = Object.hasOwn(resolvers, name) ? resolvers[name] : undefined;
    if (!resolver) {
      const known = Object.keys(resolvers);
      throw new ConfigInterpolationError(
        node.source,
        `${reference.text}: there is no resolver ${name}${didYouMean(name, known)}`,
        `Resolvers are ${known.join(", ")}.`,
      );
    }
    const args = reference.arguments.map((one) => this.#argument(one, node, path));
    try {
      return resolver(args, this.#callOf(node, path));
    } catch (error) {
      if (!(error instanceof ResolverFault) && !(error instanceof TemplateFault)) throw error;
      throw new ConfigInterpolationError(node.source, `${reference.text}: ${error.message}`);
    }
  }

  #callOf(node: ScalarNode, path: Path): Call {
    const select = (key: string) => {
      const found = this.#select(key, path, { isStrict: true });
      const followed = found && this.#followed(found);
      return followed && isMissing(followed.node) ? undefined : followed && this.#full(followed);
    };
    return {
      context: this.#context,
      node,
      select,
      decode: (text) => this.#argument(parseArgument(text), node, path),
      selectHydra: (key) => {
        const { hydra } = this.#context;
        const names = ["hydra", ...splitKey(key).names];
        const found = hydra ? resolveAt(hydra, names, this.#context) : undefined;
        return found && isMissing(found) ? undefined : found;
      },
    };
  }

  #argument(argument: Argument, node: ScalarNode, path: Path): Node {
    const { source } = node;
    switch (argument.kind) {
      case "quoted": {
        const { node: value } = this.#followed(this.#template(argument.template, node, path));
        return { kind: "scalar", value: pythonStr(value), source };
      }
      case "list": {
        const items = argument.items.map((item) => this.#argument(item, node, path));
        return { kind: "list", items, source };
      }
      case "map": {
        const entries = argument.entries.map(([key, value]) => {
          const { value: name } = primitive(key, source);
          if (name === null) throw new ConfigInterpolationError(source, "null is no key");
          return [
            keyOf(name),
            { keySource: source, node: this.#argument(value, node, path) },
          ] as const;
        });
        return { kind: "map", entries: new Map(entries), source };
      }
      case "primitive": {
        const [only, ...more] = argument.parts;
        if (only && "text" in only && !isToken(only) && more.length === 0) {
          return this.#full(this.#reference(only, node, path));
        }
        if (argument.parts.every(isToken)) return primitive(argument.parts, source);
        const texts = argument.parts.map((part) =>
          isToken(part) ? tokenText(part) : this.#text(part, node, path),
        );
        return { kind: "scalar", value: texts.join(""), source };
      }
      default:
        return argument satisfies never;
    }
  }

  #key(reference: KeyReference, node: ScalarNode, path: Path): Located {
    const key = reference.parts.map((part) => this.#name(part, node, path)).join("");
    const { numLevelsUp, names } = splitKey(key);
    if (numLevelsUp > path.length) {
      throw new ConfigInterpolationError(node.source, `${reference.text} leads above the root`);
    }
    const found = this.#select(key, path);
    if (!found) throw this.#notFound(reference, names, node);
    if (isMissing(found.node)) {
      throw new ConfigInterpolationError(
        node.source,
        `${reference.text} stands for a value that must be given`,
        `Add ${names.join(".")}=VALUE to the command, or to your config.`,
        { isToBeGiven: true },
      );
    }
    return found;
  }

  /** A name in a key or of a resolver; one that a reference gives must be text. */
  #name(part: string | Reference, node: ScalarNode, path: Path): string {
    if (typeof part === "string") return part;
    const { node: name } = this.#followed(this.#reference(part, node, path));
    if (name.kind === "scalar" && typeof name.value === "string") return name.value;
    const message = `${part.text} must be text to name a key, and is ${pythonStr(name)}`;
    throw new ConfigInterpolationError(node.source, message);
  }

  #select(key: string, path: Path, { isStrict = false } = {}): Located | undefined {
    const { numLevelsUp: up, names } = splitKey(key);
    const at = up === 0 ? [] : path.slice(0, Math.max(0, path.length - up));
    const start = this.#walk({ node: this.#root, path: [] }, at);
    return start && this.#walk(start, names, { isStrict });
  }

  /** On the way through a value that is itself a reference, the reference is followed first. */
  #walk(start: Located, names: readonly string[], { isStrict = false } = {}): Located | undefined {
    let found: Located | undefined = start;
    for (const name of names) {
      const parent: Located | undefined = found && this.#followed(found);
      if (isStrict && parent?.node.kind === "list" && !/^-?\d+$/.test(name)) {
        throw new ResolverFault(`${name} is no place in a list`);
      }
      const child: Node | undefined = parent && childOf(parent.node, name);
      const path: Path | null = parent?.path ? [...parent.path, name] : null;
      found = child && { node: child, path };
    }
    return found;
  }

  #notFound(reference: KeyReference, names: readonly string[], node: ScalarNode) {
    let parent: Node | undefined = this.#root;
    let missing = names[0] ?? "";
    for (const name of names) {
      missing = name;
      const child: Node | undefined = childOf(parent, name);
      if (!child) break;
      parent = child;
    }
    const keys = parent.kind === "map" ? parent.entries.keys() : [];
    const message = `${reference.text}: there is no key ${missing}${didYouMean(missing, keys)}`;
    return new ConfigInterpolationError(node.source, message);
  }
}

function parse(node: ScalarNode): Template {
  try {
    return parseTemplate(String(node.value));
  } catch (error) {
    if (error instanceof TemplateFault) {
      throw new ConfigInterpolationError(node.source, error.message);
    }
    throw error;
  }
}
