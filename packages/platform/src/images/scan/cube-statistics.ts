import type { HypercubePlace } from "../../database/index.ts";
import { type CountPairs, Histogram, percentilesOf } from "./histogram.ts";
import type { ScannedCube } from "./scanned-cell.ts";

/** Occupancy by channel and frame, and percentiles of all frames together. */
export function statisticsOf(
  { histograms, boxes }: Omit<ScannedCube, "index">,
  { z_size, y_size, x_size, time_size }: HypercubePlace,
  thresholds: readonly number[],
) {
  const perFrame = z_size * y_size * x_size;
  const occupancy_ratios = histograms.map((frames, c) =>
    frames.map((frame) => {
      const threshold = thresholds[c] ?? 0;
      let occupied = 0;
      for (let i = 0; i < frame.length; i += 2) {
        if ((frame[i] ?? 0) > threshold) occupied += frame[i + 1] ?? 0;
      }
      return occupied / perFrame;
    }),
  );
  const percents = histograms.map((frames) => {
    const [only] = frames;
    const pairs = only && frames.length === 1 ? only : sumOf(frames);
    return percentilesOf(pairs, perFrame * time_size, [80, 90, 95, 99]);
  });
  const at = (index: number) => percents.map((values) => values[index] ?? 0);
  return {
    occupancy_ratios,
    cdf_80: at(0),
    cdf_90: at(1),
    cdf_95: at(2),
    cdf_99: at(3),
    mask_bbox_dict: boxes,
  };
}

function sumOf(frames: readonly CountPairs[]): CountPairs {
  const sum = new Histogram();
  for (const frame of frames) sum.addPairs(frame);
  return sum.pairs();
}
