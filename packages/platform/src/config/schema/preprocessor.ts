import { z } from "zod";

/** Config group `datasets/preprocessor`: what happens to a batch before the model sees it. */
export const PreprocessorConfig = z
  .strictObject({
    normalize: z
      .enum(["zscore", "none"])
      .default("zscore")
      .describe("zscore: each sample and channel to mean 0, deviation 1; none: counts as stored"),
    eps: z
      .number()
      .positive()
      .default(1e-4)
      .describe("zscore: floor of the standard deviation, in counts"),
  })
  .readonly();
export type PreprocessorConfig = z.infer<typeof PreprocessorConfig>;
