import { z } from "zod";

/** Config group `datasets/preprocessor`: what happens to a batch before the model sees it. */
export const PreprocessorConfig = z
  .strictObject({
    normalize: z
      .enum(["zscore", "percentile", "none"])
      .default("zscore")
      .describe(
        "of each sample and channel; zscore: to mean 0, deviation 1; percentile: two percentiles to 0 and 1; none: counts as stored",
      ),
    percentile_low: z
      .number()
      .min(0)
      .max(100)
      .default(1)
      .describe("percentile: the one that becomes 0"),
    percentile_high: z
      .number()
      .min(0)
      .max(100)
      .default(99.8)
      .describe("percentile: the one that becomes 1"),
    eps: z
      .number()
      .positive()
      .default(1e-4)
      .describe("floor of the standard deviation, or of the range between percentiles, in counts"),
    flip: z
      .array(z.enum(["T", "Z", "Y", "X"]))
      .readonly()
      .prefault([])
      .describe("axes along which a training sample is mirrored, each with probability 1/2"),
  })
  .readonly();
export type PreprocessorConfig = z.infer<typeof PreprocessorConfig>;
