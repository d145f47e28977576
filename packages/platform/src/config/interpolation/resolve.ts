import { ConfigInterpolationError } from "../errors.ts";
import { didYouMean } from "../nearest.ts";
import {
  childOf,
  childrenOf,
  type Entry,
  isMissing,
  type MapNode,
  type Node,
  nodeAt,
  type ScalarNode,
  type ScalarValue,
} from "../node.ts";
import { type ResolverContext, resolvers } from "./resolvers.ts";
import {
  type Argument,
  hasReference,
  type KeyReference,
  parseTemplate,
  type Reference,
  type Template,
  TemplateFault,
} from "./template.ts";

/**
 * The config with every `${...}` replaced by what it stands for. Each value keeps the place where
 * it is written; what a reference brings in keeps its own.
 *
 * @throws {@link ConfigInterpolationError} for a reference that leads nowhere or in a circle.
 */
export function resolveAll(root: MapNode, context: ResolverContext): MapNode {
  return new Resolution(root, context).map(root, []);
}

type Path = readonly string[];

const limits = { depth: 64, nodes: 100_000 };

class Resolution {
  readonly #root: MapNode;
  readonly #context: ResolverContext;
  /** Scalars that are being resolved now, by path: meeting one again is a circle. */
  readonly #open = new Set<string>();
  readonly #done = new Map<string, Node>();
  /** Values inside a resolved node, with repetitions: nine references to nine to nine are many. */
  readonly #sizes = new WeakMap<Node, number>();

  constructor(root: MapNode, context: ResolverContext) {
    this.#root = root;
    this.#context = context;
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

  #sized<N extends Node>(node: N): N {
    const children = [...childrenOf(node)];
    const size = children.reduce((sum, child) => sum + (this.#sizes.get(child) ?? 1), 1);
    if (size > limits.nodes) {
      const message = `interpolations expand to more than ${limits.nodes} values`;
      throw new ConfigInterpolationError(node.source, message);
    }
    this.#sizes.set(node, size);
    return node;
  }

  #scalar(node: ScalarNode, path: Path): Node {
    if (typeof node.value !== "string" || !hasReference(node.value)) return node;
    const name = path.join(".");
    const done = this.#done.get(name);
    if (done) return done;
    if (this.#open.has(name)) {
      const circle = [...this.#open, name].join(" -> ");
      throw new ConfigInterpolationError(node.source, `${node.value} goes in a circle: ${circle}`);
    }
    this.#open.add(name);
    const value = this.#template(parse(node), node, path);
    this.#open.delete(name);
    this.#done.set(name, value);
    return value;
  }

  /** A reference alone keeps its type; between text it becomes text. */
  #template(template: Template, node: ScalarNode, path: Path): Node {
    const [only, ...more] = template;
    if (only !== undefined && typeof only !== "string" && more.length === 0) {
      return this.#reference(only, node, path);
    }
    const texts = template.map((part) =>
      typeof part === "string" ? part : this.#text(part, node, path),
    );
    return { ...node, value: texts.join("") };
  }

  #text(reference: Reference, node: ScalarNode, path: Path): string {
    const value = this.#reference(reference, node, path);
    if (value.kind === "scalar") return pythonText(value.value);
    const message = `${reference.text} is a ${value.kind}, and cannot stand inside text`;
    throw new ConfigInterpolationError(node.source, message);
  }

  #reference(reference: Reference, node: ScalarNode, path: Path): Node {
    if (reference.kind === "key") return this.#key(reference, node, path);
    const resolver = Object.hasOwn(resolvers, reference.name)
      ? resolvers[reference.name]
      : undefined;
    if (!resolver) {
      const known = Object.keys(resolvers);
      throw new ConfigInterpolationError(
        node.source,
        `${reference.text}: there is no resolver ${reference.name}${didYouMean(reference.name, known)}`,
        `Resolvers are ${known.join(", ")}.`,
      );
    }
    const args = reference.arguments.map((one) => this.#argument(one, node, path));
    const result = resolver(args, this.#context);
    if ("value" in result) return { ...node, value: result.value };
    throw new ConfigInterpolationError(node.source, `${reference.text}: ${result.fault}`);
  }

  #argument({ template, isQuoted }: Argument, node: ScalarNode, path: Path): ScalarValue {
    const value = this.#template(template, node, path);
    if (value.kind !== "scalar") {
      throw new ConfigInterpolationError(node.source, "an argument is a list or a mapping");
    }
    const isLiteral = template.every((part) => typeof part === "string");
    return isQuoted || !isLiteral ? value.value : literal(String(value.value));
  }

  #key(reference: KeyReference, node: ScalarNode, path: Path): Node {
    const keys = reference.path.map((part) => {
      const key = this.#template(part, node, path);
      return key.kind === "scalar" ? String(key.value) : "";
    });
    const up = reference.numLevelsUp;
    if (up > path.length) {
      throw new ConfigInterpolationError(node.source, `${reference.text} leads above the root`);
    }
    let at: Path = up === 0 ? [] : path.slice(0, path.length - up);
    let found: Node | undefined = nodeAt(this.#root, at);
    for (const key of keys) {
      // on the way through a value that is itself a reference, the reference is followed first
      const parent: Node | undefined = found && this.#followed(found, at);
      found = parent && childOf(parent, key);
      if (parent && !found) throw this.#notFound(reference, parent, key, node);
      at = [...at, key];
    }
    if (!found) throw this.#notFound(reference, this.#root, keys[0] ?? "", node);
    if (isMissing(found)) {
      throw new ConfigInterpolationError(
        node.source,
        `${reference.text} stands for a value that must be given`,
        `Add ${at.join(".")}=VALUE to the command, or to your config.`,
      );
    }
    return this.node(found, at);
  }

  #followed(node: Node, path: Path): Node {
    return node.kind === "scalar" ? this.node(node, path) : node;
  }

  #notFound(reference: KeyReference, parent: Node, key: string, node: ScalarNode) {
    const keys = parent.kind === "map" ? parent.entries.keys() : [];
    const message = `${reference.text}: there is no key ${key}${didYouMean(key, keys)}`;
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

/** As Python's str(): users of OmegaConf have names with True and None in them. */
function pythonText(value: ScalarValue): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  return String(value);
}

/** An argument without quotes: a number, a truth value, null or text. */
function literal(text: string): ScalarValue {
  if (/^null$/i.test(text)) return null;
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === "true";
  return /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : text;
}
