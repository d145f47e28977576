import { addDecimals, compareDecimals, decimalNumber, exactDecimal } from "../grammar/decimal.ts";
import { type Element, ElementFault, type ScalarElement } from "./element.ts";

/** Several values for one key: each is a run of its own. */
export type Sweep = ChoiceSweep | RangeSweep | IntervalSweep | GlobSweep;

/** `a,b,c` and `choice(a,b,c)`. */
export interface ChoiceSweep {
  readonly kind: "choice";
  readonly items: readonly Element[];
  /** Written with commas alone. */
  readonly isSimple: boolean;
  readonly isShuffled: boolean;
}

/** `range(1,10,2)`. */
export interface RangeSweep {
  readonly kind: "range";
  readonly start: ScalarElement;
  readonly stop: ScalarElement;
  readonly step: ScalarElement;
  readonly isShuffled: boolean;
}

/** `interval(0,1)`: every number between; only a search can draw from it. */
export interface IntervalSweep {
  readonly kind: "interval";
  readonly start: ScalarElement;
  readonly end: ScalarElement;
}

/** `glob(*)`: the options of the group by their names. */
export interface GlobSweep {
  readonly kind: "glob";
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Numbers from 0 below 1; what a shuffle draws from. */
export type Random = () => number;

export interface SweepContext {
  /** Options of the group that the override names. */
  readonly options: () => readonly string[];
  readonly random: Random;
}

/** The values of a sweep, in its order. */
export function sweepValues(sweep: Sweep, { options, random }: SweepContext): readonly Element[] {
  switch (sweep.kind) {
    case "choice":
      return sweep.isShuffled ? shuffled(sweep.items, random) : sweep.items;
    case "range":
      return sweep.isShuffled ? shuffled(rangeValues(sweep), random) : rangeValues(sweep);
    case "glob":
      return options()
        .filter((name) => isMatch(name, sweep.include) && !isMatch(name, sweep.exclude))
        .map((value) => ({ kind: "scalar", value }));
    case "interval": {
      const message = "interval() has no values to run one by one: it is for a search";
      throw new ElementFault(0, message);
    }
    default:
      return sweep satisfies never;
  }
}

export function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}

/** More runs than anyone starts on purpose; a range that is longer is a slip. */
const maxValues = 10_000;

/** As Python's `range` for whole numbers; else as Hydra counts, in decimals of 28 digits. */
function rangeValues({ start, stop, step }: RangeSweep): readonly Element[] {
  const isWhole = [start, stop, step].every(({ isFloat }) => isFloat !== true);
  const [first, last, delta] = [start, stop, step].map(({ value }) => exactDecimal(Number(value)));
  if (!first || !last || !delta || delta.digits === 0n) {
    throw new ElementFault(0, "a range needs numbers with an end, and a step that is not 0");
  }
  const count = (Number(stop.value) - Number(start.value)) / Number(step.value);
  if (count > maxValues) {
    throw new ElementFault(0, `a range of more than ${maxValues} values is refused`);
  }
  const values: Element[] = [];
  const sign = delta.digits > 0n ? 1 : -1;
  for (let at = first; compareDecimals(at, last) * sign < 0; at = addDecimals(at, delta)) {
    const value = decimalNumber(at);
    values.push({ kind: "scalar", value, ...(isWhole ? {} : { isFloat: true }) });
    if (values.length > maxValues) {
      throw new ElementFault(0, "a step of a range is too small to count with");
    }
  }
  return values;
}

const isMatch = (name: string, globs: readonly string[]) =>
  globs.some((glob) => new RegExp(`^(?:${globSource(glob)})$`, "s").test(name));

/** As Python's fnmatch: `*`, `?`, `[abc]` and `[!abc]`. */
function globSource(glob: string): string {
  return glob.replaceAll(
    /\[(!?)(\]?[^\]]*)\]|./gs,
    (found: string, not: string, set: string | undefined) => {
      if (set !== undefined) {
        return `[${not === "!" ? "^" : ""}${set.replaceAll("\\", "\\\\").replace(/^([\^[])/, "\\$1")}]`;
      }
      if (found === "*") return ".*";
      return found === "?" ? "." : found.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
    },
  );
}
