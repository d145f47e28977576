import { readFloat, readInt } from "../grammar/numbers.ts";
import { floatRepr } from "../node/python-text.ts";
import { ElementFault, type ScalarElement } from "./element.ts";
import { type Arguments, isElement, type ParsedValue } from "./parsed-value.ts";

type Cast = (value: ParsedValue) => ParsedValue;

/** `int(3.7)` is 3, `int(a,b)` a sweep of both, and lists and mappings are cast item by item. */
export const castInt = (args: Arguments): ParsedValue => toInt(argument(args, "int"));
export const castFloat = (args: Arguments): ParsedValue => toFloat(argument(args, "float"));
export const castStr = (args: Arguments): ParsedValue => toStr(argument(args, "str"));
export const castBool = (args: Arguments): ParsedValue => toBool(argument(args, "bool"));

function argument({ positional, named }: Arguments, name: string): ParsedValue {
  const isGiven = (value: ParsedValue) => value.kind !== "scalar" || value.value !== null;
  const [only, ...more] = [...positional, ...[...named.values()].filter(isGiven)];
  const isRight = [...named.keys()].every((key) => key === "value");
  if (!isRight || only === undefined || (named.size > 0 && more.length > 0)) {
    throw new ElementFault(0, `${name}() takes one value, or several to sweep over`);
  }
  if (more.length === 0) return only;
  const items = positional.filter(isElement);
  if (items.length < positional.length) {
    throw new ElementFault(0, `${name}() of several takes values, not sweeps`);
  }
  return { kind: "choice", items, isSimple: true, isShuffled: false };
}

/** The cast of what a value holds; intervals and ranges only where they stay what they are. */
function within(value: ParsedValue, cast: Cast, { name, sweeps }: CastRules): ParsedValue | null {
  const element = (inner: ParsedValue) => {
    const result = cast(inner);
    if (isElement(result)) return result;
    throw new ElementFault(0, `${name}() cannot be taken of a sweep inside a value`);
  };
  const scalar = (inner: ParsedValue) => cast(inner) as ScalarElement;
  switch (value.kind) {
    case "list":
      return { kind: "list", items: value.items.map(element) };
    case "map":
      return {
        kind: "map",
        entries: value.entries.map(([key, inner]) => [key, element(inner)] as const),
      };
    case "choice":
      return { ...value, items: value.items.map(element), isShuffled: false };
    case "range":
    case "interval":
      if (!sweeps) throw new ElementFault(0, `${name}() cannot be taken of ${value.kind}()`);
      return value.kind === "interval"
        ? { ...value, start: scalar(value.start), end: scalar(value.end) }
        : {
            ...value,
            start: scalar(value.start),
            stop: scalar(value.stop),
            step: scalar(value.step),
            isShuffled: false,
          };
    case "glob":
      throw new ElementFault(0, `${name}() cannot be taken of glob()`);
    case "scalar":
      if (value.value === null) throw new ElementFault(0, `${name}() cannot be taken of null`);
      return null;
    default:
      return value satisfies never;
  }
}

interface CastRules {
  readonly name: string;
  /** Whether the bounds of ranges and intervals may be cast. */
  readonly sweeps: boolean;
}

function toInt(value: ParsedValue): ParsedValue {
  const inner = within(value, toInt, { name: "int", sweeps: true });
  if (inner !== null) return inner;
  const { value: given } = value as ScalarElement;
  if (typeof given === "boolean") return { kind: "scalar", value: Number(given) };
  if (typeof given === "number") {
    if (Number.isFinite(given)) return integer(String(BigInt(Math.trunc(given))));
    throw new ElementFault(0, `int() cannot be taken of ${floatRepr(given)}`);
  }
  const text = String(given).trim();
  if (/^[+-]?\d+(?:_\d+)*$/.test(text)) return integer(text);
  throw new ElementFault(0, `int() cannot be taken of ${JSON.stringify(given)}`);
}

function integer(text: string): ScalarElement {
  const read = readInt(text);
  if ("fault" in read) throw new ElementFault(0, read.fault);
  return { kind: "scalar", value: read.value };
}

function toFloat(value: ParsedValue): ParsedValue {
  const inner = within(value, toFloat, { name: "float", sweeps: true });
  if (inner !== null) return inner;
  const { value: given } = value as ScalarElement;
  if (typeof given !== "string") return { kind: "scalar", value: Number(given), isFloat: true };
  const text = given.trim();
  if (
    !/^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+)?$|^[+-]?(?:inf(?:inity)?|nan)$/i.test(
      text,
    )
  ) {
    throw new ElementFault(0, `float() cannot be taken of ${JSON.stringify(given)}`);
  }
  const read = readFloat(text);
  if ("fault" in read) throw new ElementFault(0, read.fault);
  return { kind: "scalar", value: read.value, isFloat: true };
}

function toStr(value: ParsedValue): ParsedValue {
  const inner = within(value, toStr, { name: "str", sweeps: false });
  if (inner !== null) return inner;
  const { value: given, isFloat } = value as ScalarElement;
  const isPoint = typeof given === "number" && (isFloat || !Number.isSafeInteger(given));
  return { kind: "scalar", value: isPoint ? floatRepr(given) : String(given) };
}

function toBool(value: ParsedValue): ParsedValue {
  if (value.kind === "scalar" && value.value === null) return { kind: "scalar", value: false };
  const inner = within(value, toBool, { name: "bool", sweeps: false });
  if (inner !== null) return inner;
  const { value: given } = value as ScalarElement;
  if (typeof given !== "string") {
    return { kind: "scalar", value: Boolean(given) || Number.isNaN(given) };
  }
  if (/^(?:true|false)$/i.test(given)) return { kind: "scalar", value: /^true$/i.test(given) };
  throw new ElementFault(0, `bool() cannot be taken of ${JSON.stringify(given)}`);
}
