import type { RunConfig } from "../../config/index.ts";
import { components } from "../components.ts";
import { isFilled, isIn, namesOf, type Row } from "./row.ts";

/** The model, and what is done to it for speed. */
export function ofModel({ models, optimizations }: RunConfig): readonly Row[] {
  const [name = "none"] = Object.entries(models.meta_arch).flatMap(([arch, config]) =>
    config === undefined ? [] : [arch],
  );
  const { mae } = optimizations?.models ?? {};
  return [
    [
      "models.meta_arch",
      !isIn(components.models, name),
      `there is no model ${name}; there is ${namesOf(components.models)}`,
    ],
    [
      "models.meta_arch.mae.out_layers",
      (models.meta_arch.mae?.out_layers ?? null) !== null,
      "a masked autoencoder hands on its last block",
    ],
    [
      "optimizations.models.mae.activation_checkpoint.enable",
      mae?.activation_checkpoint?.enable === true,
      "activations are not computed again",
    ],
    [
      "optimizations.models.mae.torch_compile.enable",
      mae?.torch_compile?.enable === true,
      "nothing is compiled by torch",
    ],
    [
      "optimizations.with_model_summary",
      optimizations?.with_model_summary === true,
      "there is no table of layers; cello train --check has the number of parameters",
    ],
  ];
}

/** How it is trained, judged and logged. */
export function ofTraining(config: RunConfig): readonly Row[] {
  const { optimizers, schedulers, evaluation, trainer_loop, checkpoint, loggers } = config;
  const { enc_layer_decay = 1, dec_layer_decay = 1 } = optimizers.get_param_groups_extra ?? {};
  const layers = [optimizers.ld ?? 1, optimizers.decoder_layer_decay ?? 1];
  const manager = checkpoint.checkpoint_manager;
  const { kind = "base", training_metrics } = evaluation.evaluator ?? {};
  return [
    [
      "optimizers.name",
      !isIn(components.optimizers, optimizers.name),
      `there is no optimizer ${optimizers.name}; there are ${namesOf(components.optimizers)}`,
    ],
    [
      "optimizers.ld",
      [...layers, enc_layer_decay, dec_layer_decay].some((decay) => decay !== 1),
      "all layers have one learning rate; set the layer decays to 1",
    ],
    [
      "optimizers.no_weight_decay_list",
      optimizers.no_weight_decay_list?.some((part) => !usuallyLeftOut.includes(part)) === true,
      `only biases, norms and token parameters go without weight decay: ${usuallyLeftOut.join(", ")}`,
    ],
    [
      "schedulers.name",
      !isIn(components.schedulers, schedulers.name) || schedulers.fixedlr,
      `there is no schedule ${schedulers.fixedlr ? "fixedlr" : schedulers.name}; there is ${namesOf(components.schedulers)}`,
    ],
    [
      "schedulers.wd_scheduler.enabled",
      schedulers.wd_scheduler.enabled,
      "weight decay stays the same",
    ],
    [
      "trainer_loop.val_every_n_steps",
      (trainer_loop?.val_every_n_steps ?? null) !== null,
      "validations come at the end of epochs: evaluation.val_interval",
    ],
    [
      "trainer_loop.with_perf_metrics",
      trainer_loop?.with_perf_metrics === true,
      "operations are not counted",
    ],
    [
      "checkpoint.checkpoint_manager",
      isFilled(manager?.ckpt_include_prefixes) || isFilled(manager?.ckpt_translate_map),
      "a run starts from random weights",
    ],
    [
      "evaluation.evaluator.kind",
      kind !== "base",
      `there is no evaluator ${kind}; there is base, which averages the loss`,
    ],
    [
      "evaluation.evaluator.training_metrics",
      JSON.stringify(training_metrics ?? [{ step_loss: "mean" }]) !== '[{"step_loss":"mean"}]',
      "the mean of step_loss is what a validation has",
    ],
    [
      "loggers.event_writers",
      loggers.event_writers.some(({ kind }) => kind === "wandb"),
      "there is no writer for Weights & Biases; there are jsonl and csv",
    ],
  ];
}

/** What every parameter group leaves out of weight decay. */
const usuallyLeftOut = ["bias", "pos_embedding", "cls_token", "token_param", "level_embed"];

/** What looks on. */
export function ofHooks({ hooks }: RunConfig): readonly Row[] {
  return (hooks?.hooks_list ?? []).flatMap((hook, i): Row[] => {
    const key = `hooks.hooks_list.${i}`;
    return [
      [
        `${key}.name`,
        !isIn(components.hooks, hook.name),
        `there is no hook ${hook.name}; there are ${namesOf(components.hooks)}`,
      ],
      [
        `${key}.time_interval`,
        hook.name === "periodic_checkpointer" && hook.time_interval !== null,
        "saves come by steps or epochs: checkpoint.every_steps, checkpoint.every_epochs",
      ],
      [
        `${key}.period`,
        hook.name === "best_metric_saver" && (hook.period !== 1 || !hook.eval_after_validation),
        "every validation is looked at",
      ],
    ];
  });
}
