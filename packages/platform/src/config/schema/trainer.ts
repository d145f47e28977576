import { z } from "zod";

/** Config group `trainer`: how long to train, in what steps, and on what. */
export const TrainerConfig = z
  .strictObject({
    epochs: z
      .int()
      .positive()
      .nullable()
      .default(null)
      .describe("passes over the training samples; null: max_steps decides"),
    max_steps: z
      .int()
      .positive()
      .nullable()
      .default(null)
      .describe("optimizer steps; null: epochs decides; with both, what ends first"),
    micro_batch_size: z
      .int()
      .positive()
      .nullable()
      .default(null)
      .describe("samples in one forward pass on one rank; null: its whole share of the batch"),
    device: z
      .enum(["auto", "cpu", "cuda"])
      .default("auto")
      .describe("auto: a GPU when libtorch finds one, else the CPU"),
    num_threads: z
      .int()
      .positive()
      .max(1024)
      .nullable()
      .default(null)
      .describe("threads for the arithmetic on a CPU; null: one a core"),
  })
  .refine((c) => c.epochs !== null || c.max_steps !== null, {
    path: ["epochs"],
    error: "one of epochs and max_steps must be given, or the run would never end",
  })
  .readonly();
export type TrainerConfig = z.infer<typeof TrainerConfig>;
