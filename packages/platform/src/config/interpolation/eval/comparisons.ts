import { ResolverFault } from "../resolver-fault.ts";
import { compare, equal, type Value } from "./value.ts";

/** What compares two values, by the words of the language. */
export const comparisons: Readonly<Record<string, (a: Value, b: Value) => boolean>> = {
  "<": (a, b) => compare(a, b) < 0,
  "<=": (a, b) => compare(a, b) <= 0,
  ">": (a, b) => compare(a, b) > 0,
  ">=": (a, b) => compare(a, b) >= 0,
  "==": equal,
  "!=": (a, b) => !equal(a, b),
  in: isIn,
  "not in": (a, b) => !isIn(a, b),
  is: isSame,
  "is not": (a, b) => !isSame(a, b),
};

function isIn(a: Value, b: Value): boolean {
  if (typeof a === "string" && typeof b === "string") return b.includes(a);
  if (Array.isArray(b)) return b.some((one) => equal(one, a));
  throw new ResolverFault("in needs a list on its right, or text in text");
}

/** For `is None` and `is True`; Python promises nothing for others. */
function isSame(a: Value, b: Value): boolean {
  if (b === null || typeof b === "boolean") return a === b;
  throw new ResolverFault("is compares with None, True and False; for others write ==");
}
