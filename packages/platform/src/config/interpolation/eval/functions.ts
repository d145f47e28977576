import { decimalNumber, exactDecimal, roundedDecimal } from "../../grammar/decimal.ts";
import { readFloat } from "../../grammar/numbers.ts";
import { floatRepr } from "../../node/python-text.ts";
import { ResolverFault } from "../resolver-fault.ts";
import { operators } from "./arithmetic.ts";
import { compare, isTrue, kindOf, numeric, type Value } from "./value.ts";

type EvalFunction = (...args: readonly Value[]) => Value;

/** What an expression may call. */
export const functions: Readonly<
  Record<string, { readonly call: EvalFunction; readonly most: number }>
> = {
  abs: { call: (x = null) => absolute(numeric(x, "abs()")), most: 1 },
  bool: { call: (x = false) => isTrue(x), most: 1 },
  float: { call: (x = 0) => toFloat(x), most: 1 },
  int: { call: (x = 0n) => toInt(x), most: 1 },
  len: { call: (x = null) => BigInt(sequence(x, "len()").length), most: 1 },
  max: { call: (...args) => extreme(args, "max()", 1), most: Number.POSITIVE_INFINITY },
  min: { call: (...args) => extreme(args, "min()", -1), most: Number.POSITIVE_INFINITY },
  pow: { call: (x = null, y = null) => operators["**"]?.(x, y) ?? null, most: 2 },
  round: { call: (x = null, places = null) => round(numeric(x, "round()"), places), most: 2 },
  str: { call: (x = "") => toText(x), most: 1 },
  sum: { call: (x = null) => total(x), most: 1 },
};

const absolute = (x: bigint | number) => (typeof x === "bigint" ? (x < 0n ? -x : x) : Math.abs(x));

function toInt(x: Value): Value {
  if (typeof x === "string") {
    const text = x.trim().replaceAll(/(?<=\d)_(?=\d)/g, "");
    if (/^[+-]?\d+$/.test(text)) return BigInt(text.replace("+", ""));
    throw new ResolverFault(`int() cannot read ${JSON.stringify(x)}`);
  }
  const value = numeric(x, "int()");
  if (typeof value === "bigint") return value;
  if (Number.isFinite(value)) return BigInt(Math.trunc(value));
  throw new ResolverFault(`int() of ${floatRepr(value)} has no value`);
}

function toFloat(x: Value): Value {
  if (typeof x !== "string") return Number(numeric(x, "float()"));
  const text = x.trim().replaceAll(/(?<=\d)_(?=\d)/g, "");
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) {
    const read = readFloat(text);
    if ("fault" in read) throw new ResolverFault(read.fault);
    return read.value;
  }
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (!special) throw new ResolverFault(`float() cannot read ${JSON.stringify(x)}`);
  if (special[2]?.toLowerCase() === "nan") return Number.NaN;
  return special[1] === "-" ? -Infinity : Infinity;
}

function toText(x: Value): string {
  if (typeof x === "string") return x;
  if (typeof x === "number") return floatRepr(x);
  if (typeof x === "boolean") return x ? "True" : "False";
  if (x === null) return "None";
  if (typeof x === "bigint") return String(x);
  throw new ResolverFault("str() of a list is not here");
}

function sequence(x: Value, what: string): string | readonly Value[] {
  if (typeof x === "string" || Array.isArray(x)) return x;
  throw new ResolverFault(`${what} needs text or a list, got ${kindOf(x)}`);
}

/** The first of the largest, or of the smallest. */
function extreme(args: readonly Value[], what: string, sign: number): Value {
  const [only, ...more] = args;
  const values = only !== undefined && more.length === 0 ? [...sequence(only, what)] : args;
  const [first, ...rest] = values;
  if (first === undefined) throw new ResolverFault(`${what} of nothing has no value`);
  return rest.reduce((best, value) => (sign * compare(value, best) > 0 ? value : best), first);
}

function total(x: Value): Value {
  if (!Array.isArray(x)) throw new ResolverFault(`sum() needs a list, got ${kindOf(x)}`);
  const add = operators["+"];
  return x.reduce<Value>((sum, value) => add?.(sum, value) ?? null, 0n);
}

/** Halves go to the even neighbour; the value is the exact one: round(2.675, 2) is 2.67. */
function round(x: bigint | number, places: Value): Value {
  if (typeof x === "bigint") {
    if (places === null || (typeof places === "bigint" && places >= 0n)) return x;
    throw new ResolverFault("round() of whole numbers to tens is not here");
  }
  const exact = exactDecimal(x);
  if (places === null) {
    if (!exact) throw new ResolverFault(`round() of ${floatRepr(x)} has no value`);
    return roundedDecimal(exact, 0).digits;
  }
  if (typeof places !== "bigint" || places < 0n || places > 300n) {
    throw new ResolverFault("round() takes 0 to 300 places");
  }
  if (!exact) return x;
  const value = decimalNumber(roundedDecimal(exact, Number(places)));
  return value === 0 && (x < 0 || Object.is(x, -0)) ? -0 : value;
}
