import type { z } from "zod";
import { choice, flag, fraction, group, int, keys, number, orNull } from "./key.ts";

/** Config group `datasets/loader`: how voxels travel from disk to the batch. */
export const LoaderConfig = group("how voxels travel from disk to the batch", () =>
  keys({
    num_slots: int(
      "batches that host memory holds at once, read or being read; for a GPU that memory is page-locked",
      { unit: "batches", min: 1, max: 256 },
    ).default(4),
    device_slots: int(
      "on a GPU: batches in its memory at once, the step's and those that are copied while it runs; no effect on a CPU, where a batch stays where it was read to",
      { unit: "batches", min: 1, max: 64 },
    ).default(2),
    read_ahead: int(
      "batches that are read while a step runs, behind the one that comes next; below num_slots",
      { unit: "batches", min: 0, max: 256 },
    ).default(2),
    num_threads: orNull(
      int("native threads that decode chunks; null: one a core", {
        unit: "threads",
        min: 1,
        max: 1024,
      }),
    ),
    cache_bytes: int(
      "memory for decoded chunks that later samples may need again; a quarter of it is the validation's",
      { unit: "bytes", min: 0, max: 2 ** 50 },
    ).default(2 ** 28),
    locality: orNull(
      int(
        "edge of a brick: samples of a brick come near each other, so that its chunks are decoded once; null: any order",
        { unit: "voxels", min: 1, max: 2 ** 31 },
      ),
    ),
    locality_window: int("bricks whose samples are shuffled among themselves", {
      unit: "bricks",
      min: 1,
      max: 65536,
    }).default(16),
    numa: choice(
      "where threads that decode run, on a machine of several NUMA nodes; distance: near the device; none: anywhere",
      ["distance", "none"],
    ).default("distance"),
    missing_channels: choice(
      "images with fewer channels than the run; error: they are not asked for, and refused; zero: zeros that no loss counts take the place of the others",
      ["error", "zero"],
    ).default("error"),
    missing_chunks: choice("a chunk that is not on disk: its fill value, counted, or an error", [
      "fill",
      "error",
    ]).default("fill"),
    read_failure_policy: choice(
      "voxels that cannot be read: an error; another sample in their place, which is told; or zeros that no loss counts",
      ["raise", "skip", "mask"],
    ).default("raise"),
    max_skipped: fraction(
      "skip, mask: part of the samples that may be skipped, or be there in part, before it is an error",
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
