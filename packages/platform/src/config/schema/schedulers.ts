import type { z } from "zod";
import { choice, flag, fraction, group, int, keys, number, orNull } from "./key.ts";
import { range } from "./layout.ts";
import { isGiven } from "./value-at.ts";

/** Longer than any run, and far from where numbers lose their ones. */
export const maxSteps = 2 ** 40;

const names = [
  "cosine",
  "warmup_stable_decay",
  "linear_warmup_stable_decay",
  "warmup_decay_cooldown_min",
  "fixedlr",
] as const;

/** Config group `schedulers`: the learning rate over the run: warm-up, cosine, cool-down. */
export const SchedulersConfig = group(
  "the learning rate over the run: warm-up, decay, cool-down",
  () =>
    keys({
      name: choice("which schedule", names).default("cosine"),
      schedule: choice("an older name of name", names).optional(),
      epochs: orNull(
        int("the same as trainer.epochs, where the reference platform writes it", {
          unit: "epochs",
          min: 1,
          max: maxSteps,
        }),
      ),
      update_type: choice(
        "unit of warmup and cooldown, and how often the learning rate changes; not given: epoch where schedulers.epochs is, else step",
        ["epoch", "step"],
      ).optional(),
      warmup: int("length of the warm-up", { unit: "update_type", min: 0, max: maxSteps }).default(
        0,
      ),
      cooldown: int("length of the end at the lowest learning rate", {
        unit: "update_type",
        min: 0,
        max: maxSteps,
      }).default(0),
      warmup_min_ratio: fraction("learning rate at the first step, over optimizers.lr").default(
        0.01,
      ),
      cos_min_ratio: fraction("cosine: learning rate at its end, over optimizers.lr").default(1e-4),
      final_lr_ratio: fraction(
        "warmup_stable_decay: learning rate at the end, over optimizers.lr",
      ).optional(),
      warmup_type: choice("shape of the warm-up", ["linear"]).default("linear"),
      decay_type: choice("linear_warmup_stable_decay: shape of the decay", [
        "linear",
        "sqrt",
        "cosine",
      ]).optional(),
      fixedlr: flag("true: the learning rate never changes").default(false),
      ema: range("how slowly JEPA's target follows: at the first step, and at the last", {
        unit: "fraction",
        min: 0,
        max: 1,
      }).optional(),
      wd_scheduler: group("weight decay over the run: a cosine", () =>
        keys({
          enabled: flag("true: it changes; false: it is optimizers.wd throughout").default(false),
          ref_wd: weightDecay("at the first step; as a rule optimizers.wd").optional(),
          final_wd: weightDecay("at the last step").default(0),
        }),
      ).prefault({}),
    }),
);
type Keys = z.infer<typeof SchedulersConfig>;
/** What a schedule is built from; `update_type` has its default once a run is settled. */
export interface SchedulersConfig
  extends Pick<Keys, "name" | "warmup" | "cooldown" | "warmup_min_ratio" | "cos_min_ratio"> {
  readonly update_type: "epoch" | "step";
}

/** The reference platform's schedules, which have `epochs`, count in epochs. */
export const updateTypeOf = ({ update_type, epochs }: Keys): "epoch" | "step" =>
  update_type ?? (isGiven(epochs) ? "epoch" : "step");

function weightDecay(description: string) {
  return number(description, { unit: "1/step", min: 0, max: 10 });
}
