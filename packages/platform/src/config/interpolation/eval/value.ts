import { ResolverFault } from "../resolver-fault.ts";

/** Values as Python has them: a whole number is a bigint, a float a number. */
export type Value = bigint | number | string | boolean | null | readonly Value[];

/** How errors call a value. */
export function kindOf(value: Value): string {
  if (value === null) return "None";
  switch (typeof value) {
    case "bigint":
      return "a whole number";
    case "number":
      return "a number";
    case "string":
      return "text";
    case "boolean":
      return "a truth value";
    default:
      return "a list";
  }
}

export function isTrue(value: Value): boolean {
  if (typeof value === "object" && value !== null) return value.length > 0;
  return Number.isNaN(value) || Boolean(value);
}

/** A number that can be counted with; True is 1. */
export function numeric(value: Value, what: string): bigint | number {
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value === "bigint" || typeof value === "number") return value;
  throw new ResolverFault(`${what} needs numbers, got ${kindOf(value)}`);
}

export const isNumeric = (value: Value): value is bigint | number | boolean =>
  typeof value === "bigint" || typeof value === "number" || typeof value === "boolean";

export function equal(a: Value, b: Value): boolean {
  if (isNumeric(a) && isNumeric(b)) {
    // JavaScript orders a bigint and a number by their exact values, as Python does
    return compare(a, b) === 0;
  }
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((item, i) => equal(item, b[i] ?? null));
}

/** Below 0 when `a` comes first. @throws for kinds that have no order. */
export function compare(a: Value, b: Value): number {
  if (isNumeric(a) && isNumeric(b)) {
    const [left, right] = [numeric(a, "<"), numeric(b, "<")];
    return left < right ? -1 : left > right ? 1 : left >= right ? 0 : Number.NaN;
  }
  if (typeof a === "string" && typeof b === "string") {
    return Buffer.compare(Buffer.from(a), Buffer.from(b)); // UTF-8 is in the order of code points
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    const at = a.findIndex((item, i) => i >= b.length || !equal(item, b[i] ?? null));
    if (at < 0) return a.length - b.length;
    return at >= b.length ? 1 : compare(a[at] ?? null, b[at] ?? null);
  }
  throw new ResolverFault(`${kindOf(a)} and ${kindOf(b)} have no order`);
}
