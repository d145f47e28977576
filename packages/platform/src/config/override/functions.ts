import { didYouMean } from "../faults/nearest.ts";
import { castBool, castFloat, castInt, castStr } from "./casts.ts";
import { type Element, ElementFault, type ListElement, type ScalarElement } from "./element.ts";
import { type Arguments, isElement, type ParsedValue } from "./parsed-value.ts";
import { sorted } from "./sort.ts";
import { type ChoiceSweep, type Random, shuffled } from "./sweep.ts";

type OverrideFunction = (args: Arguments, random: Random) => ParsedValue;

/** The functions of the command line; there are no others, and none runs anything. */
const functions: Readonly<Record<string, OverrideFunction>> = {
  bool: castBool,
  choice,
  float: castFloat,
  glob,
  int: castInt,
  interval,
  range,
  shuffle: (args, random) => shuffle(ofSeries(args, "shuffle"), random),
  sort: (args) => sorted(ofSeries(args, "sort")),
  str: castStr,
  tag,
};

/**
 * Source: Hydra 1.3 `_internal/grammar/grammar_functions.py`, whose rules these are.
 *
 * @throws {@link ElementFault} for a function that there is not, or arguments that it does not take.
 */
export function callFunction(name: string, args: Arguments, random: Random): ParsedValue {
  const call = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (call) return call(withoutQuotes(args), random);
  const known = Object.keys(functions);
  const advice = didYouMean(name, known);
  const message = `there is no function ${name}${advice}; there are ${known.join(", ")}`;
  throw new ElementFault(0, `${message}; text with parentheses needs quotes`);
}

/** A function sees text, whether it had quotes or not. */
function withoutQuotes({ positional, named }: Arguments): Arguments {
  const bare = (value: ParsedValue): ParsedValue =>
    value.kind === "scalar" && value.quote ? { kind: "scalar", value: value.value } : value;
  const entries = [...named].map(([key, value]) => [key, bare(value)] as const);
  return { positional: positional.map(bare), named: new Map(entries) };
}

/** The arguments by their names; `names` in the order of the positions. */
function bind(
  { positional, named }: Arguments,
  what: string,
  names: readonly string[],
): ReadonlyMap<string, ParsedValue> {
  const bound = new Map(named);
  for (const [i, value] of positional.entries()) {
    const name = names[i];
    if (name === undefined) throw new ElementFault(0, `${what}() takes ${names.join(", ")}`);
    if (bound.has(name)) throw new ElementFault(0, `${what}(): ${name} is given twice`);
    bound.set(name, value);
  }
  const wrong = [...bound.keys()].find((name) => !names.includes(name));
  if (wrong === undefined) return bound;
  throw new ElementFault(0, `${what}() takes ${names.join(", ")}, not ${wrong}`);
}

function choice({ positional, named }: Arguments): ChoiceSweep {
  if (named.size > 0 || positional.length === 0) {
    throw new ElementFault(0, "choice() takes the values to choose from");
  }
  const [only, ...more] = positional;
  if (only?.kind === "choice" && only.isSimple && more.length === 0) {
    return { ...only, isSimple: false };
  }
  const items = positional.filter(isElement);
  if (items.length < positional.length || items.some(isNone)) {
    throw new ElementFault(0, "choice() takes values: no sweeps inside, and no null");
  }
  return { kind: "choice", items, isSimple: false, isShuffled: false };
}

const isNone = (element: Element) => element.kind === "scalar" && element.value === null;

function range(args: Arguments): ParsedValue {
  const bound = bind(args, "range", ["start", "stop", "step"]);
  const [start, stop, step] = ["start", "stop", "step"].map((name) => number(bound, name, "range"));
  if (!start) throw new ElementFault(0, "range() needs a start, or a stop");
  const zero: ScalarElement = { kind: "scalar", value: 0 };
  const [from, to] = stop ? [start, stop] : [zero, start];
  const by = step ?? { kind: "scalar", value: 1 };
  return { kind: "range", start: from, stop: to, step: by, isShuffled: false };
}

function interval(args: Arguments): ParsedValue {
  const bound = bind(args, "interval", ["start", "end"]);
  const [start, end] = ["start", "end"].map((name) => number(bound, name, "interval"));
  if (!start || !end) throw new ElementFault(0, "interval() needs a start and an end");
  const asFloat = (element: ScalarElement): ScalarElement => ({ ...element, isFloat: true });
  return { kind: "interval", start: asFloat(start), end: asFloat(end) };
}

function number(
  bound: ReadonlyMap<string, ParsedValue>,
  name: string,
  what: string,
): ScalarElement | undefined {
  const value = bound.get(name);
  if (value === undefined || (value.kind === "scalar" && typeof value.value === "number")) {
    return value;
  }
  throw new ElementFault(0, `${what}() takes numbers; ${name} is none`);
}

function glob(args: Arguments): ParsedValue {
  const bound = bind(args, "glob", ["include", "exclude"]);
  if (!bound.has("include")) throw new ElementFault(0, "glob() needs a pattern");
  const [include = [], exclude = []] = ["include", "exclude"].map((name) => texts(bound, name));
  return { kind: "glob", include, exclude };
}

function texts(bound: ReadonlyMap<string, ParsedValue>, name: string): readonly string[] {
  const value = bound.get(name);
  if (value === undefined) return [];
  const items = value.kind === "list" ? value.items : [value];
  return items.map((item) => {
    if (item.kind === "scalar" && typeof item.value === "string") return item.value;
    throw new ElementFault(0, `glob() takes text, or lists of text; ${name} is none`);
  });
}

/** Tags say something to a search of other tools; a sweep runs the same with them. */
function tag({ positional, named }: Arguments): ParsedValue {
  const all = [...positional, ...named.values()];
  const last = all.at(-1);
  const isRight = positional.length > 0 && [...named.keys()].every((name) => name === "sweep");
  const areTags = all
    .slice(0, -1)
    .every((one) => one.kind === "scalar" && typeof one.value === "string");
  if (isRight && areTags && last && !isElement(last) && last.kind !== "glob") return last;
  throw new ElementFault(0, "tag() takes words, and then a choice(), range() or interval()");
}

/** `sort()` and `shuffle()` do not take null, and `list=null` says that there is none. */
function ofSeries({ positional, named }: Arguments, what: string): Arguments {
  const isNull = (value: ParsedValue) => isElement(value) && isNone(value);
  if (positional.some(isNull)) throw new ElementFault(0, `${what}() does not take null`);
  const isGiven = ([name, value]: readonly [string, ParsedValue]) =>
    !isNull(value) || (name !== "list" && name !== "sweep");
  return { positional, named: new Map([...named].filter(isGiven)) };
}

function shuffle({ positional, named }: Arguments, random: Random): ParsedValue {
  const wrong = [...named.keys()].find((name) => name !== "sweep" && name !== "list");
  const [first, ...more] = [...positional, ...named.values()];
  if (wrong !== undefined || first === undefined || (named.size > 0 && more.length > 0)) {
    throw new ElementFault(0, "shuffle() takes values, a list, or a sweep");
  }
  if (more.length > 0) return shuffledChoice([first, ...more]);
  if (first.kind === "choice" || first.kind === "range") return { ...first, isShuffled: true };
  if (first.kind === "list") return { kind: "list", items: shuffled(first.items, random) };
  if (isElement(first)) return { kind: "list", items: [first] } satisfies ListElement;
  throw new ElementFault(0, `shuffle() does not take ${first.kind}()`);
}

function shuffledChoice(values: readonly ParsedValue[]): ChoiceSweep {
  const items = values.filter(isElement);
  if (items.length === values.length) {
    return { kind: "choice", items, isSimple: true, isShuffled: true };
  }
  throw new ElementFault(0, "shuffle() of several takes values, not sweeps");
}
