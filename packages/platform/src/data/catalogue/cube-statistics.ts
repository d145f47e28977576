/** Numbers of one hypercube: see `HypercubeStatistics`. */
export interface CubeStatistics {
  readonly occupancy_ratios: readonly (readonly number[])[];
  readonly cdf_80: readonly number[];
  readonly cdf_90: readonly number[];
  readonly cdf_95: readonly number[];
  readonly cdf_99: readonly number[];
}

/**
 * Part of occupied voxels by channel and frame, and the counts below which 80, 90, 95 and 99 % of
 * the voxels of a channel lie, over all frames.
 *
 * @param voxels - [T V C], V voxels of a frame.
 * @param thresholds - counts above which a voxel of a channel is occupied.
 */
export function cubeStatistics(
  voxels: Uint16Array,
  { numFrames, thresholds }: { readonly numFrames: number; readonly thresholds: readonly number[] },
): CubeStatistics {
  const numChannels = thresholds.length;
  const perFrame = voxels.length / numFrames;
  const numVoxels = voxels.length / numChannels;
  const histogram = new Uint32Array(65536);
  const ratios: number[][] = [];
  const cdf: number[][] = [];
  thresholds.forEach((threshold, channel) => {
    histogram.fill(0);
    const frames = Array.from({ length: numFrames }, (_, frame) => {
      let occupied = 0;
      for (let i = frame * perFrame + channel; i < (frame + 1) * perFrame; i += numChannels) {
        const value = voxels[i] ?? 0;
        histogram[value] = (histogram[value] ?? 0) + 1;
        if (value > threshold) occupied += 1;
      }
      return (occupied * numChannels) / perFrame;
    });
    ratios.push(frames);
    cdf.push(percentilesOf(histogram, numVoxels, [80, 90, 95, 99]));
  });
  const at = (index: number) => cdf.map((values) => values[index] ?? 0);
  return { occupancy_ratios: ratios, cdf_80: at(0), cdf_90: at(1), cdf_95: at(2), cdf_99: at(3) };
}

/** The least value that at least so many per cent of the voxels do not exceed. */
function percentilesOf(
  histogram: Uint32Array,
  total: number,
  percents: readonly number[],
): number[] {
  const found: number[] = [];
  let seen = 0;
  for (let value = 0; value < histogram.length && found.length < percents.length; value++) {
    seen += histogram[value] ?? 0;
    while (found.length < percents.length && 100 * seen >= (percents[found.length] ?? 0) * total) {
      found.push(value);
    }
  }
  return found;
}
