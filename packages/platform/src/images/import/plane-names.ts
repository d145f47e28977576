import { DataError } from "../errors.ts";

/** Where a file of a folder stands in the image. */
export interface NamedFile {
  readonly name: string;
  readonly at: Readonly<Record<NameAxis, number>>;
}

export type NameAxis = "T" | "Z" | "C";

/** The files of a folder in the order of an image, without a gap. */
export interface NamedFiles {
  readonly sizes: Readonly<Record<NameAxis, number>>;
  /** Axes that the names have, slowest first. */
  readonly axes: string;
  fileAt(at: Readonly<Record<NameAxis, number>>): string;
}

const nameAxes = ["T", "Z", "C"] as const;

/** What programs write before a number: `img_t003_z12_ch1.tif`, `Time0003`, `frame-7`. */
const words: Readonly<Record<NameAxis, string>> = {
  T: "time|frame|tp|t",
  Z: "plane|slice|z",
  C: "channel|chan|ch|c|w",
};

/**
 * Finds the place of each file by the numbers in its name: by `pattern` ("t{T}_z{Z}.tif", where `*`
 * is any text), or else by the usual words before them, or else the one number that differs is
 * `otherwise`. Numbers may begin anywhere and need no zeros in front; every place must have one file.
 *
 * @throws {@link DataError} DATA_PLANES, naming the first places that are missing.
 */
export function placeFiles(
  folder: string,
  names: readonly string[],
  { pattern, otherwise }: { readonly pattern: string | null; readonly otherwise: NameAxis },
): NamedFiles {
  const found =
    pattern === null
      ? (byWords(names) ?? byOneNumber(folder, names, otherwise))
      : byPattern(folder, names, pattern);
  const values = (axis: NameAxis) =>
    [...new Set(found.map(({ at }) => at[axis]))].sort((a, b) => a - b);
  const axes = nameAxes.filter((axis) => found.some(({ at }) => at[axis] !== absent));
  const ranges = { T: rangeOf(values("T")), Z: rangeOf(values("Z")), C: rangeOf(values("C")) };
  const byPlace = new Map<string, string>();
  for (const { name, at } of found) {
    const key = keyOf(at);
    const other = byPlace.get(key);
    if (other !== undefined) {
      throw fault(folder, `${other} and ${name} are both ${placeName(at, axes)}`);
    }
    byPlace.set(key, name);
  }
  requireAll(folder, byPlace, ranges, axes);
  return {
    sizes: { T: ranges.T.size, Z: ranges.Z.size, C: ranges.C.size },
    axes: axes.join(""),
    fileAt: ({ T, Z, C }) => {
      const at = { T: ranges.T.first + T, Z: ranges.Z.first + Z, C: ranges.C.first + C };
      const name = byPlace.get(keyOf(at));
      if (name === undefined) throw new RangeError(`no file at ${keyOf(at)}`);
      return name;
    },
  };
}

/** The number along an axis that a name does not have. */
const absent = -1;

function byWords(names: readonly string[]): NamedFile[] | null {
  const number = (name: string, axis: NameAxis) => {
    const match = new RegExp(`(?:^|[^a-z])(?:${words[axis]})[-_=]?(\\d{1,9})(?!\\d)`, "i").exec(
      name,
    );
    return match ? Number(match[1]) : absent;
  };
  const found = names.map((name) => ({
    name,
    at: { T: number(name, "T"), Z: number(name, "Z"), C: number(name, "C") },
  }));
  const isNamed = (axis: NameAxis) => found.every(({ at }) => at[axis] !== absent);
  const isUnnamed = (axis: NameAxis) => found.every(({ at }) => at[axis] === absent);
  const isUsable = nameAxes.every((axis) => isNamed(axis) || isUnnamed(axis));
  const keys = new Set(found.map(({ at }) => keyOf(at)));
  return isUsable && nameAxes.some(isNamed) && keys.size === names.length ? found : null;
}

function byOneNumber(folder: string, names: readonly string[], axis: NameAxis): NamedFile[] {
  const parts = names.map((name) => name.match(/\d+/g) ?? []);
  const count = parts[0]?.length ?? 0;
  const isSame = parts.every((numbers) => numbers.length === count);
  const differing = Array.from({ length: isSame ? count : 0 }, (_, i) => i).filter(
    (i) => new Set(parts.map((numbers) => Number(numbers[i]))).size > 1,
  );
  const [which = 0] = differing;
  if (names.length === 1) return names.map((name) => ({ name, at: placeAlong(axis, 0) }));
  if (differing.length !== 1) {
    const why = `the names, such as ${names.slice(0, 2).join(" and ")}, do not say which number is which axis`;
    throw fault(folder, why);
  }
  return names.map((name, i) => ({ name, at: placeAlong(axis, Number(parts[i]?.[which])) }));
}

const placeAlong = (axis: NameAxis, value: number) => ({
  T: absent,
  Z: absent,
  C: absent,
  [axis]: value,
});

function byPattern(folder: string, names: readonly string[], pattern: string): NamedFile[] {
  const escaped = pattern
    .split(/(\{[TZC]\}|\*)/)
    .map((part) => {
      if (part === "*") return ".*?";
      const [, axis] = /^\{([TZC])\}$/.exec(part) ?? [];
      return axis ? `(?<${axis}>\\d{1,9})` : part.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
    })
    .join("");
  let expression: RegExp;
  try {
    expression = new RegExp(`^${escaped}$`);
  } catch {
    throw fault(folder, `the pattern ${pattern} names an axis twice`);
  }
  const found = names.flatMap((name) => {
    const groups = expression.exec(name)?.groups;
    if (!groups) return [];
    const number = (axis: NameAxis) => (groups[axis] === undefined ? absent : Number(groups[axis]));
    return [{ name, at: { T: number("T"), Z: number("Z"), C: number("C") } }];
  });
  if (found.length > 0) return found;
  throw fault(folder, `no file fits the pattern ${pattern}; there is ${names[0]}`);
}

interface Range {
  readonly first: number;
  readonly size: number;
}

const rangeOf = (sorted: readonly number[]): Range => {
  const [first = 0, last = 0] = [sorted[0], sorted.at(-1)];
  return { first, size: last - first + 1 };
};

const keyOf = ({ T, Z, C }: Readonly<Record<NameAxis, number>>) => `${T} ${Z} ${C}`;

const placeName = (at: Readonly<Record<NameAxis, number>>, axes: readonly NameAxis[]) =>
  axes.map((axis) => `${axis} ${at[axis]}`).join(", ") || "the only plane";

function requireAll(
  folder: string,
  byPlace: ReadonlyMap<string, string>,
  ranges: Readonly<Record<NameAxis, Range>>,
  axes: readonly NameAxis[],
): void {
  const { T, Z, C } = ranges;
  const numPlaces = T.size * Z.size * C.size;
  if (byPlace.size === numPlaces) return;
  const missing: string[] = [];
  for (let t = T.first; t < T.first + T.size && missing.length < 6; t++) {
    for (let z = Z.first; z < Z.first + Z.size && missing.length < 6; z++) {
      for (let c = C.first; c < C.first + C.size && missing.length < 6; c++) {
        const at = { T: t, Z: z, C: c };
        if (!byPlace.has(keyOf(at))) missing.push(placeName(at, axes));
      }
    }
  }
  const more = numPlaces - byPlace.size > 5 ? ", ..." : "";
  const what = `${numPlaces - byPlace.size} of ${numPlaces} planes are missing`;
  throw fault(folder, `${what}: ${missing.slice(0, 5).join("; ")}${more}`);
}

function fault(folder: string, why: string): DataError {
  return new DataError("DATA_PLANES", `${folder}: ${why}`);
}
