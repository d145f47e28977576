/** How many values of one scalar become one. */
export type Reduction = "mean" | "median" | "sum" | "min" | "max";

/** One number of at least one; NaN when any is NaN, so that a fault is not averaged away. */
export function reduce(reduction: Reduction, values: readonly number[]): number {
  if (values.length === 0) throw new RangeError(`the ${reduction} of no values is not defined`);
  if (values.some(Number.isNaN)) return Number.NaN;
  switch (reduction) {
    case "mean":
      return sum(values) / values.length;
    case "median":
      return median(values);
    case "sum":
      return sum(values);
    case "min":
      return values.reduce((a, b) => Math.min(a, b));
    case "max":
      return values.reduce((a, b) => Math.max(a, b));
    default:
      return reduction satisfies never;
  }
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
