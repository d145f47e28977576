import { isDeepStrictEqual } from "node:util";

// What a difference on purpose does to a value, so that a fault beside it is not taken for it.

/** Two configs, as tools/reference/hydra_compose.py prints them. */
export interface Values {
  readonly ours: unknown;
  readonly theirs: unknown;
}

type IsKnown = (ours: unknown, theirs: unknown) => boolean;

/** The text of lists, in which Hydra has references: `x['${a.b}', '${a.c}']y` for `x[1, 2]y`. */
export const areReferencesInText = (values: Values): boolean => sameBut(values, isOfReferences);

/** One key for two of ours, `true` and `1` or `false` and `0`, with the value of either. */
export const areKeysOfPython = (values: Values): boolean => sameBut(values, isOneKeyOfTwo);

/** The same values below other keys, of which Hydra has one that is called `_group_` or `_name_`. */
export const arePackageWordsKeys = ({ ours, theirs }: Values): boolean =>
  hasPackageWord(theirs) && isDeepStrictEqual(leavesOf(ours), leavesOf(theirs));

/** Hydra has less: all that it has is in ours, at the same places. */
export const isWithinOurs = ({ ours, theirs }: Values): boolean =>
  isMapping(ours) && isMapping(theirs)
    ? Object.keys(theirs).every((key) => isWithinOurs({ ours: ours[key], theirs: theirs[key] }))
    : isDeepStrictEqual(ours, theirs);

function sameBut({ ours, theirs }: Values, isKnown: IsKnown): boolean {
  if (isDeepStrictEqual(ours, theirs) || isKnown(ours, theirs)) return true;
  if (!isContainer(ours) || !isContainer(theirs)) return false;
  if (Array.isArray(ours) !== Array.isArray(theirs)) return false;
  const keys = Object.keys(ours);
  return (
    isDeepStrictEqual(keys.toSorted(), Object.keys(theirs).toSorted()) &&
    keys.every((key) => sameBut({ ours: ours[key], theirs: theirs[key] }, isKnown))
  );
}

function isOfReferences(ours: unknown, theirs: unknown): boolean {
  if (typeof ours !== "string" || typeof theirs !== "string") return false;
  const around = theirs.split(/\[(?:'\$\{[^{}]*\}'(?:, )?)+\]/);
  const escaped = around.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return around.length > 1 && new RegExp(`^${escaped.join("\\[.*\\]")}$`, "s").test(ours);
}

function isOneKeyOfTwo(ours: unknown, theirs: unknown): boolean {
  if (!isMapping(ours) || !isMapping(theirs)) return false;
  for (const [word, digit] of [
    ["true", "1"],
    ["false", "0"],
  ] as const) {
    if (!(word in ours && digit in ours)) continue;
    const { [word]: first, [digit]: second, ...rest } = ours;
    const kept = word in theirs ? word : digit;
    const isOne = (value: unknown) => isDeepStrictEqual({ ...rest, [kept]: value }, theirs);
    if (isOne(first) || isOne(second)) return true;
  }
  return false;
}

const hasPackageWord = (value: unknown): boolean =>
  isContainer(value) &&
  Object.entries(value).some(
    ([key, child]) => key === "_group_" || key === "_name_" || hasPackageWord(child),
  );

/** What is neither a mapping nor a list, as JSON, sorted; a float is {"float": text}. */
const leavesOf = (value: unknown): readonly string[] =>
  (isContainer(value) && !("float" in value)
    ? Object.values(value).flatMap(leavesOf)
    : [JSON.stringify(value)]
  ).toSorted();

/** A mapping, or a list by its places. */
const isContainer = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isContainer(value) && !Array.isArray(value);
