import type { z } from "zod";
import { choice, flag, group, int, keys, list, mapOf, orNull, text, unused } from "./key.ts";

const every = (description: string, unit: string) =>
  orNull(int(description, { unit, min: 1, max: 2 ** 40 }));

/** The reference platform's CheckpointManager, as far as its keys mean something here. */
const ManagerConfig = group("the reference platform's own keys of checkpoints", () =>
  keys({
    kind: choice("of DeepSpeed, or of torch's distributed checkpoints", [
      "deepspeed",
      "dcp",
    ]).default("deepspeed"),
    save_checkpointdir: text("must be checkpoints/ in paths.outdir").optional(),
    resume_checkpointdir: orNull(text("as paths.resume_checkpointdir")),
    pretrained_checkpointdir: orNull(text("as paths.pretrained_checkpointdir")),
    keep_latest_k: orNull(int("as keep_last", { unit: "checkpoints", min: 1, max: 1e6 })),
    save_period: orNull(int("as every_epochs", { unit: "epochs", min: 1, max: 2 ** 40 })),
    checkpoint_tag: text(`name of the checkpoint (${unused}), every save has its step`).optional(),
    load_optimizer: orNull(flag(`(${unused}) a run that goes on always has its optimizer again`)),
    load_dtype: text(`(${unused}) weights are saved as float32`).optional(),
    load_universal_checkpoint: flag(`checkpoints of any number of ranks (${unused})`).default(
      false,
    ),
    use_custom_state_dict_filter: flag(
      `pretrained: keep only what the two lists below say (${unused})`,
    ).default(false),
    ckpt_include_prefixes: orNull(list("pretrained: names that are kept", text("prefix"))),
    ckpt_translate_map: orNull(mapOf("pretrained: prefix there to prefix here", text("prefix"))),
    zero_stage: int(`as deepspeed.zero_optimization.stage (${unused})`, {
      unit: "stage",
      min: 0,
      max: 3,
    }).optional(),
    engine: text(`as engine (${unused})`).optional(),
  }),
);

/** Config group `checkpoint`: when the run is saved, and which saves are kept. */
export const CheckpointConfig = group("when the run is saved, and which saves are kept", () =>
  keys({
    every_steps: every("optimizer steps between saves; null: not by steps", "steps"),
    every_epochs: orNull(
      int("epochs between saves; null: not by epochs", { unit: "epochs", min: 1, max: 2 ** 40 }),
      1,
    ),
    keep_last: int("newest saves that are kept", { unit: "checkpoints", min: 1, max: 1e6 }).default(
      3,
    ),
    keep_every: every("saves at multiples of this step are kept for ever; null: none", "steps"),
    keep_best: flag("the save with the best evaluation.val_metric").default(true),
    resume_run: flag(`(${unused}) the same command always goes on`).optional(),
    ray_checkpoint_config: group("which checkpoints Ray keeps; num_to_keep as keep_last", () =>
      keys({
        num_to_keep: int("checkpoints", { unit: "checkpoints", min: 1, max: 1e6 }).optional(),
        checkpoint_score_attribute: text(
          `what they are judged by (${unused}), evaluation.val_metric is`,
        ).default("best_loss"),
        checkpoint_score_order: choice("which is better", ["min", "max"]).optional(),
      }),
    ).optional(),
    checkpoint_manager: ManagerConfig.optional(),
  }),
);
export type CheckpointConfig = z.infer<typeof CheckpointConfig>;
