import { z } from "zod";

const every = z.int().positive().nullable();

/** Config group `checkpoint`: when the run is saved, and which saves are kept. */
export const CheckpointConfig = z
  .strictObject({
    every_steps: every.default(null).describe("optimizer steps between saves; null: not by steps"),
    every_epochs: every.default(1).describe("epochs between saves; null: not by epochs"),
    keep_last: z.int().positive().default(3).describe("newest saves that are kept"),
    keep_every: every
      .default(null)
      .describe("saves at multiples of this step are kept for ever; null: none"),
    keep_best: z.boolean().default(true).describe("the save with the best evaluation.val_metric"),
  })
  .readonly();
export type CheckpointConfig = z.infer<typeof CheckpointConfig>;
