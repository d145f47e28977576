import type { z } from "zod";
import { choice, flag, fraction, group, int, keys, number, orNull } from "./key.ts";

/** Config group `datasets/loader`: how voxels travel from disk to the batch. */
export const LoaderConfig = group("how voxels travel from disk to the batch", () =>
  keys({
    num_slots: int("batches that the pinned, shared host buffer holds", {
      unit: "batches",
      min: 1,
      max: 256,
    }).default(4),
    read_ahead: int("batches that are read before the step asks for them; below num_slots", {
      unit: "batches",
      min: 0,
      max: 256,
    }).default(2),
    num_threads: orNull(
      int("native threads that decode chunks; null: one a core", {
        unit: "threads",
        min: 1,
        max: 1024,
      }),
    ),
    missing_chunks: choice("a chunk that is not on disk: its fill value, counted, or an error", [
      "fill",
      "error",
    ]).default("fill"),
    read_failure_policy: choice(
      "voxels that cannot be read: an error, or another sample in their place, counted",
      ["raise", "skip"],
    ).default("raise"),
    max_skipped: fraction(
      "skip: part of the samples that may be skipped before it is an error",
    ).default(0.05),
    timeout_s: number("longest wait for a batch before it is an error", {
      unit: "s",
      above: 0,
      max: 86400,
    }).default(600),
    shuffle: flag("a new order each epoch, from seed and epoch").default(true),
  }).refine((c) => c.read_ahead < c.num_slots, {
    path: ["read_ahead"],
    error: "must be below num_slots: one slot is in the hands of the step",
  }),
);
export type LoaderConfig = z.infer<typeof LoaderConfig>;
