import { z } from "zod";

/** Config group `datasets/loader`: how voxels travel from disk to the batch. */
export const LoaderConfig = z
  .strictObject({
    num_slots: z
      .int()
      .min(1)
      .max(256)
      .default(4)
      .describe("batches that the pinned, shared host buffer holds"),
    read_ahead: z
      .int()
      .min(0)
      .max(256)
      .default(2)
      .describe("batches that are read before the step asks for them; below num_slots"),
    num_threads: z
      .int()
      .min(1)
      .max(1024)
      .nullable()
      .default(null)
      .describe("native threads that decode chunks; null: one a core"),
    missing_chunks: z
      .enum(["fill", "error"])
      .default("fill")
      .describe("a chunk that is not on disk: its fill value, counted, or an error"),
    read_failure_policy: z
      .enum(["raise", "skip"])
      .default("raise")
      .describe("voxels that cannot be read: an error, or another sample in their place, counted"),
    max_skipped: z
      .number()
      .min(0)
      .max(1)
      .default(0.05)
      .describe("skip: part of the samples that may be skipped before it is an error"),
    timeout_s: z
      .number()
      .positive()
      .max(86400)
      .default(600)
      .describe("seconds to wait for a batch before it is an error"),
    shuffle: z.boolean().default(true).describe("a new order each epoch, from seed and epoch"),
  })
  .refine((c) => c.read_ahead < c.num_slots, {
    path: ["read_ahead"],
    error: "must be below num_slots: one slot is in the hands of the step",
  })
  .readonly();
export type LoaderConfig = z.infer<typeof LoaderConfig>;
