import { z } from "zod";
import { choice, flag, group, keys, list, number, orNull, text, unused } from "./key.ts";

const decay = () => z.number().check(z.gte(0), z.lt(1));
function betas() {
  const pair = z.tuple([decay(), decay()]).readonly();
  z.globalRegistry.add(pair, {
    description: "decay of the running mean of gradients, and of their squares, a step",
    unit: "fraction",
  });
  return pair;
}
const layerDecay = (description: string) =>
  number(description, { unit: "ratio", above: 0, max: 1 });

const names = [
  "adamw",
  "adamw_torch",
  "adam_torch",
  "lamb",
  "lamb_torch",
  "lion",
  "lion_torch",
  "muon",
] as const;

/** Config group `optimizers`: how a gradient becomes a change of the weights. */
export const OptimizersConfig = group("how a gradient becomes a change of the weights", () =>
  keys({
    name: choice("which optimizer; _torch: the same, by another implementation", names).default(
      "adamw",
    ),
    opt: choice("an older name of name", names).optional(),
    lr: number("highest learning rate", { unit: "1/step", above: 0, max: 10 }).default(5e-4),
    wd: number("decoupled weight decay; of matrices only, not of biases and norms", {
      unit: "1/step",
      min: 0,
      max: 10,
    }).default(5e-5),
    betas: betas().prefault([0.9, 0.99]),
    eps: number("added to the denominator", { unit: "1", above: 0, max: 1 }).default(1e-8),
    clip_grad: orNull(
      number("largest L2 norm of all gradients together; null: no clipping", {
        unit: "1",
        above: 0,
        max: 1e12,
      }),
      0.5,
    ),
    ld: orNull(layerDecay("learning rate of a layer over the next one's; null: all alike")),
    layer_decay: orNull(layerDecay("an older name of ld, of the encoder")),
    decoder_layer_decay: orNull(layerDecay("the same of the decoder")),
    get_param_groups_extra: group("learning rate of a layer over the next one's", () =>
      keys({
        enc_layer_decay: layerDecay("of the encoder").default(1),
        dec_layer_decay: layerDecay("of the decoder").default(1),
      }),
    ).optional(),
    param_group_split_mode: orNull(
      choice(`which model's layers are meant (${unused}), there is one model`, ["mae", "jepa"]),
    ),
    no_weight_decay_list: orNull(
      list("parts of names of parameters without weight decay; null: the usual", text("part")),
    ),
    implementation: choice("torch's optimizers: how they loop", [
      "fused",
      "foreach",
      "for-loop",
    ]).optional(),
    adjust_lr_fn: choice("muon: how its learning rate follows AdamW's", [
      "original",
      "match_rms_adamw",
    ]).optional(),
    momentum: number("muon: decay of the running mean", {
      unit: "fraction",
      min: 0,
      below: 1,
    }).optional(),
    nesterov: flag("muon: look ahead").optional(),
  }),
);
export type OptimizersConfig = z.infer<typeof OptimizersConfig>;
