import { didYouMean } from "../faults/nearest.ts";
import {
  childOf,
  keyText,
  type MapNode,
  type Node,
  nodeAt,
  type ScalarNode,
  type ScalarValue,
} from "../node/node.ts";
import { pythonStr } from "../node/python-text.ts";
import { showSource } from "../node/source.ts";
import { evaluate } from "./eval/evaluate.ts";
import { ResolverFault } from "./resolver-fault.ts";
import { strftime } from "./strftime.ts";

/** What a resolver may look at: nothing but this. */
export interface ResolverContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What `${now:}` prints. */
  readonly now: Date;
  /** What `${hydra:}` reads, as a key of a whole config; null where there is none. */
  readonly hydra: MapNode | null;
  /** Is told what a user should know, with its place: the same any number of times. */
  readonly warn: (text: string) => void;
}

/** One call, with the ways back into the config that it may take. */
export interface Call {
  readonly context: ResolverContext;
  /** The scalar that holds the call. */
  readonly node: ScalarNode;
  /** The key of that scalar. */
  readonly key: string;
  /** The value at a key of the config, resolved; undefined where there is none. */
  readonly select: (key: string) => Node | undefined;
  readonly decode: (text: string) => Node;
  /** The value at a key of the `hydra` node. */
  readonly selectHydra: (key: string) => Node | undefined;
}

type Resolver = (args: readonly Node[], call: Call) => Node;

/** Every function that a config may call, by its name. There is no other way to run anything. */
export const resolvers: Readonly<Record<string, Resolver>> = {
  eval: (args, { node }) => evaluate(text(args, "an expression in quotes"), node.source),
  hydra: (args, call) => ofHydra(text(args, "a key of hydra, as in ${hydra:job.name}"), call),
  now: (args, { context, node }) => {
    return scalar(strftime(context.now, text(args, "a pattern, as in ${now:%Y-%m-%d}")), node);
  },
  "oc.create": (args) => one(args, "one value"),
  "oc.decode": decoded,
  "oc.deprecated": deprecated,
  "oc.dict.keys": (args, call) => {
    const { entries } = mapping(args, call);
    const keys = [...entries.keys()].map((key) => scalar(plainKey(key), call.node));
    return { kind: "list", items: keys, source: call.node.source };
  },
  "oc.dict.values": (args, call) => {
    const { entries } = mapping(args, call);
    const items = [...entries.values()].map(({ node }) => node);
    return { kind: "list", items, source: call.node.source };
  },
  "oc.env": environment,
  "oc.select": selected,
};

const scalar = (value: ScalarValue, { source }: Node): ScalarNode => ({
  kind: "scalar",
  value,
  source,
});

/** `1` for the key that is kept as a number. */
function plainKey(key: string): ScalarValue {
  const shown = keyText(key);
  if (shown === key) return key;
  return shown === "true" || shown === "false" ? shown === "true" : Number(shown);
}

function one(args: readonly Node[], what: string): Node {
  const [only, ...more] = args;
  if (only && more.length === 0) return only;
  throw new ResolverFault(`expected ${what}, got ${args.length} arguments`);
}

function text(args: readonly Node[], what: string): string {
  const node = one(args, what);
  if (node.kind === "scalar" && typeof node.value === "string") return node.value;
  throw new ResolverFault(`expected ${what}, got ${pythonStr(node)}`);
}

/** `${oc.env:NAME}` and `${oc.env:NAME,default}`: always text, as in OmegaConf, or null. */
function environment(args: readonly Node[], { context, node }: Call): Node {
  const [fallback, ...more] = args.slice(1);
  if (more.length > 0) throw new ResolverFault("expected a name, and perhaps a default");
  const name = text(args.slice(0, 1), "the name of an environment variable");
  const found = Object.hasOwn(context.env, name) ? context.env[name] : undefined;
  if (found !== undefined) return scalar(found, node);
  if (fallback === undefined) {
    throw new ResolverFault(
      `the environment has no ${name}, nor has a .env file, and no default is given`,
      "Put it into .env (cp .env.example .env), or into the environment.",
    );
  }
  const isNull = fallback.kind === "scalar" && fallback.value === null;
  return scalar(isNull ? null : pythonStr(fallback), node);
}

/** Reads text as if it stood here without quotes: "3" is a number then. */
function decoded(args: readonly Node[], { decode }: Call): Node {
  const node = one(args, "one text");
  if (node.kind === "scalar" && node.value === null) return node;
  return decode(text(args, "text, or null"));
}

/** The value that a key has now; the old one goes on working, and warns in OmegaConf's words. */
function deprecated(args: readonly Node[], { select, context, node, key: oldKey }: Call): Node {
  const [key, message, ...more] = args;
  const isText = (node: Node | undefined) =>
    node === undefined || (node.kind === "scalar" && typeof node.value === "string");
  if (!key || more.length > 0 || !isText(message)) {
    throw new ResolverFault("expected the new key, and perhaps a message");
  }
  const name = text([key], "the new key");
  const found = select(name);
  if (!found) throw new ResolverFault(`there is no key ${name}`);
  const words: Readonly<Record<string, string>> = { OLD_KEY: oldKey, NEW_KEY: name, $: "$" };
  const template = message ? text([message], "a message") : deprecation;
  const filled = template.replaceAll(
    /\$(OLD_KEY|NEW_KEY|\$)/g,
    (_, word: string) => words[word] ?? "",
  );
  context.warn(`${showSource(node.source)}: ${filled}`);
  return found;
}

const deprecation = "'$OLD_KEY' is deprecated. Change your code and config to use '$NEW_KEY'";

function mapping(args: readonly Node[], { select }: Call): MapNode {
  const key = text(args, "the key of a mapping");
  const found = select(key);
  if (found?.kind === "map") return found;
  throw new ResolverFault(found ? `${key} is no mapping` : `there is no key ${key}`);
}

/** What the key has, or the default where it is not there or not given yet. */
function selected(args: readonly Node[], { select, node }: Call): Node {
  const [key, fallback, ...more] = args;
  if (!key || more.length > 0) throw new ResolverFault("expected a key, and perhaps a default");
  return select(text([key], "a key")) ?? fallback ?? scalar(null, node);
}

/** Unlike in Hydra, where a key that is misspelt is null. */
function ofHydra(key: string, { context, selectHydra }: Call): Node {
  if (!context.hydra) throw new ResolverFault("there is no hydra here");
  const found = selectHydra(key);
  if (found) return found;
  const near = nearestKey(nodeAt(context.hydra, ["hydra"]), key.split("."));
  throw new ResolverFault(`hydra has no ${key}, or not before a run${near}`);
}

/** "; did you mean x?" for the first name of a path that is not there. */
function nearestKey(node: Node | undefined, [name = "", ...rest]: readonly string[]): string {
  const child = node && childOf(node, name);
  if (child) return rest.length > 0 ? nearestKey(child, rest) : "";
  return didYouMean(name, node?.kind === "map" ? node.entries.keys() : []);
}
