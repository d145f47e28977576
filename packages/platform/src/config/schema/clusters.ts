import { z } from "zod";

/** Config group `clusters`: the machines of a run, and the batch that they share. */
export const ClustersConfig = z
  .strictObject({
    launcher_type: z.enum(["local"]).default("local").describe("who starts the processes"),
    batch_size: z
      .int()
      .positive()
      .max(2 ** 20)
      .describe("samples in one optimizer step, over all ranks"),
    worker_nodes: z.literal(1).default(1).describe("machines"),
    gpus_per_worker: z.literal(1).default(1).describe("ranks on a machine; a CPU counts as one"),
  })
  .readonly();
export type ClustersConfig = z.infer<typeof ClustersConfig>;
