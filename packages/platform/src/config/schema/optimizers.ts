import { z } from "zod";

/** Config group `optimizers`: how a gradient becomes a change of the weights. */
export const OptimizersConfig = z
  .strictObject({
    name: z.enum(["adamw"]).default("adamw").describe("which optimizer"),
    lr: z.number().positive().max(10).default(5e-4).describe("highest learning rate"),
    wd: z
      .number()
      .min(0)
      .max(10)
      .default(5e-5)
      .describe("decoupled weight decay; of matrices only, not of biases and norms"),
    betas: z
      .tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)])
      .readonly()
      .prefault([0.9, 0.99])
      .describe("decay of the running mean of gradients, and of their squares, a step"),
    eps: z.number().positive().max(1).default(1e-8).describe("added to the denominator"),
    clip_grad: z
      .number()
      .positive()
      .nullable()
      .default(0.5)
      .describe("largest L2 norm of all gradients together; null: no clipping"),
  })
  .readonly();
export type OptimizersConfig = z.infer<typeof OptimizersConfig>;
