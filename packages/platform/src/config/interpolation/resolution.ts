import { ConfigInterpolationError } from "../faults/errors.ts";
import { didYouMean } from "../faults/nearest.ts";
import {
  childOf,
  type Entry,
  isMissing,
  keyText,
  type ListNode,
  type MapNode,
  type Node,
  type ScalarNode,
} from "../node/node.ts";
import { pythonStr } from "../node/python-text.ts";
import { argumentNode } from "./argument-node.ts";
import { ExpandedSizes } from "./expanded-sizes.ts";
import { keyNotFound } from "./key-not-found.ts";
import { splitKey } from "./key-path.ts";
import { OpenReferences } from "./open-references.ts";
import { parseArgument, parseTemplate } from "./parse-template.ts";
import { ResolverFault } from "./resolver-fault.ts";
import { type Call, type ResolverContext, resolvers } from "./resolvers.ts";
import {
  type Argument,
  hasReference,
  type KeyReference,
  type Reference,
  type ResolverCall,
  type Template,
  TemplateFault,
} from "./template.ts";

type Path = readonly string[];

/** What stands where a value cannot be told. */
export type Instead = (fault: ConfigInterpolationError, path: Path, node: Node) => Node;

/** A value as written, and where; without a path it is final, and holds no references. */
interface Located {
  readonly node: Node;
  readonly path: Path | null;
}

const limits = { depth: 64, letters: 100_000 };

/** One pass over a config; what has been resolved once is not resolved again. */
export class Resolution {
  readonly #root: MapNode;
  readonly #context: ResolverContext;
  readonly #open: OpenReferences;
  readonly #done = new Map<string, Node>();
  /** What each reference that was followed leads to; else doubled text would be made doubly. */
  readonly #targets = new Map<string, Located>();
  readonly #sizes = new ExpandedSizes();

  /** @param open - of the resolution that asks for this one: a circle may lead through both. */
  constructor(root: MapNode, context: ResolverContext, open = new OpenReferences()) {
    this.#root = root;
    this.#context = context;
    this.#open = open;
  }

  at(path: Path): Node | undefined {
    const found = this.#walk({ node: this.#root, path: [] }, path);
    return found && this.#full(found);
  }

  placeOf(path: Path): Path | null {
    const found = this.#walk({ node: this.#root, path: [] }, path);
    return found ? this.#followed(found).path : null;
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

  node(node: Node, path: Path): Node {
    if (path.length > limits.depth) {
      throw new ConfigInterpolationError(node.source, `nested deeper than ${limits.depth} levels`);
    }
    if (node.kind === "scalar") return this.#scalar(node, path);
    return this.#within(node, path, (child, at) => this.node(child, at));
  }

  /** The same, with something else where a value cannot be told. */
  attempted(node: Node, path: Path, instead: Instead): Node {
    if (node.kind !== "scalar") {
      return this.#within(node, path, (child, at) => this.attempted(child, at, instead));
    }
    try {
      return this.node(node, path);
    } catch (error) {
      if (!(error instanceof ConfigInterpolationError)) throw error;
      return instead(error, path, node);
    }
  }

  #within(node: ListNode | MapNode, path: Path, each: (child: Node, at: Path) => Node): Node {
    if (node.kind === "list") {
      const items = node.items.map((item, i) => each(item, [...path, `${i}`]));
      return this.#sizes.counted({ ...node, items });
    }
    const entries = new Map<string, Entry>();
    for (const [key, { keySource, node: child }] of node.entries) {
      entries.set(key, { keySource, node: each(child, [...path, key]) });
    }
    return this.#sizes.counted({ ...node, entries });
  }

  #scalar(node: ScalarNode, path: Path): Node {
    if (typeof node.value !== "string" || !hasReference(node.value)) return node;
    const name = path.join("\n");
    const done = this.#done.get(name);
    if (done) return done;
    const value = this.#open.during(this.#root, node, path, () =>
      this.#full(this.#template(parse(node), node, path)),
    );
    this.#done.set(name, value);
    return value;
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
    const target = this.#open.during(this.#root, node, path, () =>
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
      const hint = error instanceof ResolverFault ? error.hint : undefined;
      throw new ConfigInterpolationError(node.source, `${reference.text}: ${error.message}`, hint);
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
      key: path.map(keyText).join("."),
      select,
      decode: (text) => this.#argument(parseArgument(text), node, path),
      selectHydra: (key) => {
        const { hydra } = this.#context;
        const names = ["hydra", ...splitKey(key).names];
        const found = hydra
          ? new Resolution(hydra, this.#context, this.#open).at(names)
          : undefined;
        return found && isMissing(found) ? undefined : found;
      },
    };
  }

  #argument(argument: Argument, node: ScalarNode, path: Path): Node {
    return argumentNode(argument, node.source, {
      quoted: (template) => this.#followed(this.#template(template, node, path)).node,
      reference: (reference) => this.#full(this.#reference(reference, node, path)),
      text: (reference) => this.#text(reference, node, path),
    });
  }

  #key(reference: KeyReference, node: ScalarNode, path: Path): Located {
    const key = reference.parts.map((part) => this.#name(part, node, path)).join("");
    const { numLevelsUp, names } = splitKey(key);
    if (numLevelsUp > path.length) {
      throw new ConfigInterpolationError(node.source, `${reference.text} leads above the root`);
    }
    const found = this.#select(key, path);
    if (!found) throw keyNotFound(this.#root, { reference, names, source: node.source });
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
