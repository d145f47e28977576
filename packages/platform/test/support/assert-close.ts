import { AssertionError } from "node:assert";

/** Numbers in row-major order, with the shape that they are read by. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number | bigint>;
}

/** How close two lists of numbers must be. */
export interface Tolerance {
  /** Of the value plus the root mean square of all expected values. */
  readonly relative: number;
  /** The least that the root mean square counts as: for numbers that are 0 but for rounding. */
  readonly floor?: number;
}

/** How far two lists of numbers are apart, and where most. */
export interface Closeness {
  readonly isClose: boolean;
  /** The greatest |actual - expected| / (|expected| + rms of expected). */
  readonly worst: number;
  /** One sentence with the worst index, both values and the tolerances. */
  readonly sentence: string;
}

/**
 * Compares numbers by |actual - expected| <= relative * (|expected| + rms of expected): relative to
 * each value, and, where values cancel out to nearly 0, to the size of the others.
 */
export function closeness(
  actual: Numbers,
  expected: Numbers,
  { relative, floor = 0 }: Tolerance,
): Closeness {
  if (actual.shape.join() !== expected.shape.join()) {
    const sentence = `expected shape [${expected.shape}], got [${actual.shape}]`;
    return { isClose: false, worst: Number.POSITIVE_INFINITY, sentence };
  }
  const [found, wanted] = [Array.from(actual.values, Number), Array.from(expected.values, Number)];
  const size = Math.max(rms(wanted), floor);
  const errors = wanted.map((x, i) => {
    const difference = Math.abs((found[i] ?? Number.NaN) - x);
    if (difference === 0) return 0;
    return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference / (Math.abs(x) + size);
  });
  const worst = errors.reduce((a, b) => Math.max(a, b), 0);
  const place = errors.indexOf(worst);
  const index = indexOf(place, expected.shape);
  const sentence =
    `worst at [${index}] of [${expected.shape}]: got ${found[place]}, expected ${wanted[place]}, ` +
    `${worst.toExponential(2)} apart; allowed ${relative} of the value plus ` +
    `${(relative * size).toExponential(2)}`;
  return { isClose: worst <= relative, worst, sentence };
}

/** @throws an assertion error with {@link Closeness.sentence} when the numbers are too far apart. */
export function assertClose(
  actual: Numbers,
  expected: Numbers,
  { what, ...tolerance }: Tolerance & { readonly what: string },
): void {
  const { isClose, sentence } = closeness(actual, expected, tolerance);
  if (!isClose) throw new AssertionError({ message: `${what}: ${sentence}` });
}

/** The root mean square. */
export function rms(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / Math.max(1, values.length));
}

function indexOf(place: number, shape: readonly number[]): readonly number[] {
  return shape.map((size, axis) => {
    const stride = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    return Math.floor(place / stride) % size;
  });
}
