import { DataError } from "../errors.ts";
import { newSamples, type Samples, type SampleType } from "../tiff/samples.ts";

const ranges = {
  uint8: [0, 255],
  uint16: [0, 65535],
  uint32: [0, 2 ** 32 - 1],
  int8: [-128, 127],
  int16: [-32768, 32767],
  int32: [-(2 ** 31), 2 ** 31 - 1],
} as const;

/**
 * The same numbers in another type; nothing is rounded or cut.
 *
 * @throws {@link DataError} DATA_DTYPE for the first number that the type has no place for.
 */
export function exactSamples(
  values: Samples,
  from: SampleType,
  to: SampleType,
  { whereIs, hint }: Telling,
): Samples {
  if (from === to) return values;
  if (!isAlwaysExact(from, to)) requireExact(values, to, { whereIs, hint });
  const converted = newSamples(to, values.length);
  converted.set(values);
  return converted;
}

/** How a number that has no place is told of. */
interface Telling {
  readonly whereIs: (index: number) => string;
  readonly hint: string;
}

function requireExact(values: Samples, to: SampleType, { whereIs, hint }: Telling): void {
  const range = to in ranges ? ranges[to as keyof typeof ranges] : null;
  const [low, high] = range ?? [0, 0];
  const isExact = range
    ? (value: number) => value >= low && value <= high && Number.isInteger(value)
    : (value: number) => Math.fround(value) === value || Number.isNaN(value);
  for (const [index, value] of values.entries()) {
    if (isExact(value)) continue;
    const has = range ? `has whole numbers from ${low} to ${high}` : "cannot hold it exactly";
    throw new DataError("DATA_DTYPE", `${whereIs(index)} holds ${value}; ${to} ${has}`, { hint });
  }
}

/** Every number of the one type is one of the other. */
function isAlwaysExact(from: SampleType, to: SampleType): boolean {
  const [a, b] = [from in ranges, to in ranges];
  if (a && b) {
    const [low, high] = ranges[from as keyof typeof ranges];
    const [least, most] = ranges[to as keyof typeof ranges];
    return low >= least && high <= most;
  }
  if (a) return to === "float64" || !from.endsWith("32");
  return to === "float64";
}
