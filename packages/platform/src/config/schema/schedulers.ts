import { z } from "zod";

/** Config group `schedulers`: the learning rate over the run: warm-up, cosine, cool-down. */
export const SchedulersConfig = z
  .strictObject({
    name: z.enum(["cosine"]).default("cosine").describe("which schedule"),
    update_type: z
      .enum(["epoch", "step"])
      .default("step")
      .describe("unit of warmup and cooldown, and how often the learning rate changes"),
    warmup: z.int().min(0).default(0).describe("length of the warm-up, in update_type"),
    cooldown: z
      .int()
      .min(0)
      .default(0)
      .describe("length of the end at the lowest learning rate, in update_type"),
    warmup_min_ratio: z
      .number()
      .min(0)
      .max(1)
      .default(0.01)
      .describe("learning rate at the first step, over optimizers.lr"),
    cos_min_ratio: z
      .number()
      .min(0)
      .max(1)
      .default(1e-4)
      .describe("learning rate at the end of the cosine, over optimizers.lr"),
  })
  .readonly();
export type SchedulersConfig = z.infer<typeof SchedulersConfig>;
