import { z } from "zod";
import { Range } from "./layout.ts";

const fraction = z.number().min(0).max(1);
const fractions = Range.refine(([low, high]) => low >= 0 && high <= 1, {
  error: "both numbers must lie between 0 and 1",
});

/** Config group `datasets/masking`: which tokens are hidden from the encoder. */
export const MaskingConfig = z
  .strictObject({
    mask_mode: z
      .enum(["RANDOM", "BLOCKED"])
      .default("RANDOM")
      .describe("RANDOM: single tokens (MAE); BLOCKED: boxes of tokens (V-JEPA)"),
    random_masking_ratio: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.75)
      .describe("RANDOM: fraction of the tokens that is hidden"),
    num_blocks: z.int().min(1).max(64).default(2).describe("BLOCKED: boxes drawn for each sample"),
    lateral_mask_scale: z
      .union([fraction, fractions])
      .default(0.5)
      .describe("BLOCKED: area of a box, as a fraction of the tokens in Y and X; or its range"),
    axial_mask_scale: z
      .union([fraction, fractions])
      .default(0.5)
      .describe("BLOCKED: depth of a box, as a fraction of the tokens in Z; or its range"),
    temporal_mask_scale: z
      .union([fraction, fractions])
      .prefault([0.5, 1])
      .describe("BLOCKED: length of a box, as a fraction of the tokens in T; or its range"),
    aspect_ratio_scale_hw: Range.refine(([low]) => low > 0, { error: "must be above 0" })
      .prefault([0.75, 1.5])
      .describe("BLOCKED: range of a box's height over its width"),
  })
  .readonly();
export type MaskingConfig = z.infer<typeof MaskingConfig>;
