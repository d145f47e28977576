import { type Element, ElementFault, type ScalarElement } from "./element.ts";
import { type Arguments, isElement, type ParsedValue } from "./parsed-value.ts";
import type { RangeSweep } from "./sweep.ts";

/** `sort(3,1,2)`, `sort([b,a])`, `sort(choice(b,a), reverse=true)`: by value, as Python compares. */
export function sorted({ positional, named }: Arguments): ParsedValue {
  const { reverse, ...rest } = Object.fromEntries(named);
  const isReverse = reverse?.kind === "scalar" && reverse.value === true;
  const wrong = Object.keys(rest).find((name) => name !== "list" && name !== "sweep");
  const isFlag = reverse === undefined || (reverse.kind === "scalar" && isBool(reverse));
  const all = [...positional, ...Object.values(rest)];
  const [first, ...more] = all;
  const isMixed = Object.keys(rest).length > 0 && more.length > 0;
  if (wrong !== undefined || !isFlag || first === undefined || isMixed) {
    throw new ElementFault(0, "sort() takes values, a list or a sweep, and reverse=true");
  }
  if (more.length > 0) {
    const items = inOrder(all.filter(isElement), isReverse);
    if (items.length < all.length) throw new ElementFault(0, "sort() of several takes values");
    return { kind: "choice", items, isSimple: true, isShuffled: false };
  }
  if (first.kind === "list") return { kind: "list", items: inOrder(first.items, isReverse) };
  if (first.kind === "choice") return { ...first, items: inOrder(first.items, isReverse) };
  if (first.kind === "range") return turned(first, isReverse);
  if (isElement(first)) return first;
  throw new ElementFault(0, `sort() does not take ${first.kind}()`);
}

const isBool = ({ value }: ScalarElement) => typeof value === "boolean";

/** Values that Python can compare: all numbers, or all text without quotes left on. */
function inOrder(items: readonly Element[], isReverse: boolean): readonly Element[] {
  if (items.length < 2) return items;
  const isText = items.every((item) => item.kind === "scalar" && typeof item.value === "string");
  const isNumber = items.every((item) => item.kind === "scalar" && isNumeric(item));
  const isQuoted = items.some((item) => item.kind === "scalar" && item.quote !== undefined);
  if ((!isText && !isNumber) || isQuoted) {
    throw new ElementFault(0, "sort() compares numbers with numbers, and words with words");
  }
  const compare = isText ? byCodePoint : byNumber;
  const sign = isReverse ? -1 : 1;
  return items.toSorted((a, b) => sign * compare(a as ScalarElement, b as ScalarElement));
}

const isNumeric = ({ value }: ScalarElement) =>
  typeof value === "number" || typeof value === "boolean";

const byNumber = (a: ScalarElement, b: ScalarElement) => Number(a.value) - Number(b.value);

function byCodePoint(a: ScalarElement, b: ScalarElement): number {
  const [left, right] = [[...String(a.value)], [...String(b.value)]];
  for (const [i, letter] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    const difference = (letter.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** A range that runs the wrong way is turned, as Hydra turns it: by its ends, not its values. */
function turned(range: RangeSweep, isReverse: boolean): RangeSweep {
  const [start, stop, step] = [range.start, range.stop, range.step].map((x) => Number(x.value));
  if (start === undefined || stop === undefined || step === undefined) return range;
  if (isReverse ? start >= stop : start <= stop) return range;
  const by = Math.abs(step) * (isReverse ? -1 : 1);
  const isFloat = [range.start, range.stop, range.step].some((x) => x.isFloat === true);
  const element = (value: number): ScalarElement => ({
    kind: "scalar",
    value,
    ...(isFloat ? { isFloat } : {}),
  });
  return { ...range, start: element(stop + by), stop: element(start + by), step: element(-step) };
}
