import type { PreprocessorConfig } from "../config/index.ts";

/** What a mean squared error of a run is measured in: its model sees the input as it was normalised. */
export function errorUnit({
  normalize,
  percentile_low,
  percentile_high,
}: Pick<PreprocessorConfig, "normalize" | "percentile_low" | "percentile_high">): string {
  switch (normalize) {
    case "zscore":
      return "1 is the variance of the input";
    case "percentile":
      return `1 is the square of the range from percentile ${percentile_low} to ${percentile_high} of the input`;
    case "none":
      return "in counts squared";
    default:
      return normalize satisfies never;
  }
}
