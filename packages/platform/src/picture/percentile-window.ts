/** The values that are drawn black and white. */
export interface Window {
  readonly black: number;
  readonly white: number;
}

/**
 * The window from one percentile of the values to another: a few hot voxels do not darken the rest.
 * At most `sampleSize` values are looked at, evenly spread.
 */
export function percentileWindow(
  values: ArrayLike<number>,
  { low = 0.5, high = 99.8, sampleSize = 200_000 } = {},
): Window {
  const stride = Math.max(1, Math.floor(values.length / sampleSize));
  const sample = Float64Array.from(
    { length: Math.floor(values.length / stride) },
    (_, i) => values[i * stride] ?? Number.NaN,
  )
    .filter(Number.isFinite)
    .sort();
  const at = (percent: number) => sample[Math.round(((sample.length - 1) * percent) / 100)] ?? 0;
  const [black, white] = [at(low), at(high)];
  return { black, white: white > black ? white : black + 1 };
}
