export interface CurvePoint {
  readonly step: number;
  readonly loss: number;
}

/**
 * The mean of the points around each one, a hundredth of the curve to either side. Near an end it
 * takes fewer, as many before as after, so that the line neither lags nor bends: a straight line stays
 * as it is. A value that is no number is left out.
 */
export function smoothed(points: readonly CurvePoint[]): readonly CurvePoint[] {
  const finite = points.filter(({ loss }) => Number.isFinite(loss));
  const most = Math.max(2, Math.round(finite.length / 100));
  const sums = [0];
  for (const { loss } of finite) sums.push((sums.at(-1) ?? 0) + loss);
  return finite.map(({ step }, i) => {
    const side = Math.min(most, i, finite.length - 1 - i);
    const sum = (sums[i + side + 1] ?? 0) - (sums[i - side] ?? 0);
    return { step, loss: sum / (2 * side + 1) };
  });
}
