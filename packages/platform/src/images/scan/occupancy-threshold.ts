/**
 * The counts above which a voxel is taken as occupied: the threshold that parts the histogram of an
 * image best in two, dark and bright (Otsu 1979, "A threshold selection method from gray-level
 * histograms", equation 18). An image of one value has no occupied voxel.
 *
 * @param histogram - how many voxels have 0, 1, 2, ... counts.
 */
export function occupancyThreshold(histogram: Float64Array): number {
  let total = 0;
  let moment = 0;
  histogram.forEach((count, value) => {
    total += count;
    moment += count * value;
  });
  let best = { threshold: histogram.length - 1, between: 0 };
  let [below, belowMoment] = [0, 0];
  for (let value = 0; value < histogram.length; value++) {
    below += histogram[value] ?? 0;
    belowMoment += (histogram[value] ?? 0) * value;
    const above = total - below;
    if (below === 0 || above === 0) continue;
    const gap = belowMoment / below - (moment - belowMoment) / above;
    const between = below * above * gap * gap;
    if (between > best.between) best = { threshold: value, between };
  }
  return best.threshold;
}
