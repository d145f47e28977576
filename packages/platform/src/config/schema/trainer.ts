import type { z } from "zod";
import { choice, flag, group, int, keys, orNull, unused } from "./key.ts";
import { maxSteps } from "./schedulers.ts";

const every = (description: string, unit: string) =>
  orNull(int(description, { unit, min: 1, max: maxSteps }));

/** Config group `trainer`: how long to train, in what steps, and on what. */
export const TrainerConfig = group("how long to train, in what steps, and on what", () =>
  keys({
    kind: choice("which loop", [
      "epoch_based",
      "parallel_epoch_based",
      "torch_native",
      "test",
      "inferencer",
    ]).default("epoch_based"),
    epochs: every("passes over the training samples; null: max_steps decides", "epochs"),
    max_steps: every("optimizer steps; null: epochs decides; with both, what ends first", "steps"),
    micro_batch_size: orNull(
      int("samples in one forward pass on one rank; null: its whole share of the batch", {
        unit: "samples",
        min: 1,
        max: 2 ** 20,
      }),
    ),
    device: choice("auto: a GPU when libtorch finds one, else the CPU", [
      "auto",
      "cpu",
      "cuda",
    ]).default("auto"),
    num_threads: orNull(
      int("threads for the arithmetic on a CPU; null: one a core", {
        unit: "threads",
        min: 1,
        max: 1024,
      }),
    ),
  }),
);
export type TrainerConfig = z.infer<typeof TrainerConfig>;

/** `trainer_loop`, as the reference platform writes it beside `trainer`. */
export const TrainerLoopConfig = group("the same, where the reference platform writes it", () =>
  keys({
    iteration_mode: choice(
      `what a run is counted in (${unused}), max_steps counts where it is given`,
      ["epoch", "step"],
    ).default("epoch"),
    max_steps: every("as trainer.max_steps", "steps"),
    val_every_n_steps: every("steps between validations; null: by epochs", "steps"),
    checkpoint_save_period: every("as checkpoint.every_steps", "steps"),
    checkpoint_every_n_epochs: every("as checkpoint.every_epochs", "epochs"),
    with_perf_metrics: flag("true: operations a second, beside the times").default(false),
  }).refine((c) => c.iteration_mode === "epoch" || c.max_steps !== null, {
    path: ["max_steps"],
    error: "must be given where iteration_mode is step",
  }),
);
