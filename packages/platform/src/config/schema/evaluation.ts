import { z } from "zod";

/** Config group `evaluation`: when the model is looked at, and what counts as better. */
export const EvaluationConfig = z
  .strictObject({
    val_begin: z.int().min(0).default(0).describe("first epoch that ends with a validation"),
    val_interval: z.int().positive().default(1).describe("epochs between validations"),
    val_max_batches: z
      .int()
      .positive()
      .nullable()
      .default(null)
      .describe("batches in a validation; null: all that were held out"),
    val_metric: z
      .string()
      .min(1)
      .default("val_step_loss")
      .describe("what the best save is judged by"),
    val_mode: z.enum(["min", "max"]).default("min").describe("min: lower val_metric is better"),
  })
  .readonly();
export type EvaluationConfig = z.infer<typeof EvaluationConfig>;
