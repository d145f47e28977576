import { ResolverFault } from "../resolver-fault.ts";
import { kindOf, numeric, type Value } from "./value.ts";

/** Results that would fill the memory are refused before they are made. */
const limits = { bits: 4096, length: 10_000 };

type Operator = (a: Value, b: Value) => Value;

/** Python's operators of two values, with Python's signs and types. */
export const operators: Readonly<Record<string, Operator>> = {
  "+": add,
  "-": (a, b) => withNumbers(a, b, "-", { int: (x, y) => x - y, float: (x, y) => x - y }),
  "*": multiply,
  "/": (a, b) => {
    const [x, y] = [Number(numeric(a, "/")), nonZero(Number(numeric(b, "/")))];
    return x / y;
  },
  "//": (a, b) =>
    withNumbers(a, b, "//", {
      int: (x, y) => (x - floorMod(x, nonZero(y))) / y,
      float: (x, y) => floatFloor(x, nonZero(y)),
    }),
  "%": (a, b) =>
    withNumbers(a, b, "%", {
      int: (x, y) => floorMod(x, nonZero(y)),
      float: (x, y) => floatMod(x, nonZero(y)),
    }),
  "**": power,
  "&": (a, b) => withInts(a, b, "&", (x, y) => x & y),
  "|": (a, b) => withInts(a, b, "|", (x, y) => x | y),
  "^": (a, b) => withInts(a, b, "^", (x, y) => x ^ y),
  "<<": (a, b) => withInts(a, b, "<<", (x, y) => checked(x << shift(y))),
  ">>": (a, b) => withInts(a, b, ">>", (x, y) => x >> shift(y)),
};

interface ByType {
  readonly int: (x: bigint, y: bigint) => bigint;
  readonly float: (x: number, y: number) => number;
}

function withNumbers(a: Value, b: Value, name: string, { int, float }: ByType): Value {
  const [x, y] = [numeric(a, name), numeric(b, name)];
  if (typeof x === "bigint" && typeof y === "bigint") return checked(int(x, y));
  return float(Number(x), Number(y));
}

/** Of two truth values Python makes a truth value, of all else a number. */
function withInts(a: Value, b: Value, name: string, act: (x: bigint, y: bigint) => bigint): Value {
  const [x, y] = [numeric(a, name), numeric(b, name)];
  if (typeof x !== "bigint" || typeof y !== "bigint") {
    throw new ResolverFault(`${name} needs whole numbers`);
  }
  const isLogic = typeof a === "boolean" && typeof b === "boolean" && /^[&|^]$/.test(name);
  return isLogic ? act(x, y) === 1n : act(x, y);
}

function add(a: Value, b: Value): Value {
  if (typeof a === "string" && typeof b === "string") return short(a + b);
  if (Array.isArray(a) && Array.isArray(b)) return short([...a, ...b]);
  return withNumbers(a, b, "+", { int: (x, y) => x + y, float: (x, y) => x + y });
}

function multiply(a: Value, b: Value): Value {
  if (typeof a === "string" || Array.isArray(a)) return repeated(a, b);
  if (typeof b === "string" || Array.isArray(b)) return repeated(b, a);
  return withNumbers(a, b, "*", {
    int: (x, y) => {
      if (bits(x) + bits(y) > limits.bits + 2) throw tooLarge();
      return x * y;
    },
    float: (x, y) => x * y,
  });
}

function repeated(value: string | readonly Value[], times: Value): Value {
  const count = numeric(times, "*");
  if (typeof count !== "bigint")
    throw new ResolverFault(`* of ${kindOf(value)} needs a whole number`);
  if (count <= 0n || value.length === 0) return typeof value === "string" ? "" : [];
  if (count * BigInt(value.length) > BigInt(limits.length)) throw tooLarge();
  const copies = Number(count);
  return typeof value === "string"
    ? value.repeat(copies)
    : Array.from({ length: copies }, () => value).flat();
}

function power(a: Value, b: Value): Value {
  const [x, y] = [numeric(a, "**"), numeric(b, "**")];
  if (typeof x === "bigint" && typeof y === "bigint" && y >= 0n) {
    if (bits(x) > 1 && y * BigInt(bits(x) - 1) > BigInt(limits.bits)) throw tooLarge();
    return x ** y;
  }
  const [base, exponent] = [Number(x), Number(y)];
  if (base === 0 && exponent < 0) throw new ResolverFault("0 to a negative power has no value");
  if (base < 0 && Number.isFinite(exponent) && !Number.isInteger(exponent)) {
    throw new ResolverFault("a broken power of a negative number is no real number");
  }
  // Python, unlike JavaScript: 1 to any power is 1
  if (base === 1 || (base === -1 && !Number.isFinite(exponent) && !Number.isNaN(exponent)))
    return 1;
  const result = base ** exponent;
  if (!Number.isFinite(result) && Number.isFinite(base) && Number.isFinite(exponent)) {
    throw tooLarge();
  }
  return result;
}

const tooLarge = () => new ResolverFault("the result is too large");

function nonZero<T extends bigint | number>(value: T): T {
  if (value === 0 || value === 0n) throw new ResolverFault("division by 0");
  return value;
}

function floorMod(x: bigint, y: bigint): bigint {
  const rest = x % y;
  return rest !== 0n && rest < 0n !== y < 0n ? rest + y : rest;
}

function floatMod(x: number, y: number): number {
  const rest = x % y;
  if (rest === 0) return y < 0 ? -0 : 0;
  return rest < 0 !== y < 0 ? rest + y : rest;
}

function floatFloor(x: number, y: number): number {
  const rest = x % y;
  const quotient = (x - rest) / y - (rest !== 0 && rest < 0 !== y < 0 ? 1 : 0);
  if (quotient === 0) return x / y < 0 || Object.is(x / y, -0) ? -0 : 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

const bits = (value: bigint) => (value < 0n ? -value : value).toString(2).length;

function checked(value: bigint): bigint {
  if (bits(value) > limits.bits) throw tooLarge();
  return value;
}

function shift(by: bigint): bigint {
  if (by < 0n || by > BigInt(limits.bits)) throw new ResolverFault("a shift must be 0 to 4096");
  return by;
}

function short<T extends string | readonly Value[]>(value: T): T {
  if (value.length > limits.length) throw tooLarge();
  return value;
}
