import { join } from "node:path";
import type { RunConfig } from "../config/index.ts";
import { components } from "./components.ts";

/** A key that asks for something that is not there, and the sentence that says what. */
type Row = readonly [key: string, isAsked: boolean, sentence: string];

/**
 * What a config asks for and nothing here does, a sentence each: the schemas know the whole
 * platform, `components` what of it is built.
 */
export function missingParts(config: RunConfig): readonly string[] {
  return [
    ...ofRun(config),
    ...ofMachines(config),
    ...ofData(config),
    ...ofModel(config),
    ...ofTraining(config),
    ...ofHooks(config),
    ...(config.job_type === "predict" ? ofPrediction(config) : []),
  ].flatMap(([key, isAsked, sentence]) => (isAsked ? [`${key}: ${sentence}`] : []));
}

const isIn = (table: Readonly<Record<string, unknown>>, name: string) => Object.hasOwn(table, name);
const orNames = (table: Readonly<Record<string, unknown>>) => Object.keys(table).join(", ");

function ofRun({ run_type, task, quantization, trainer, profiling }: RunConfig): Row[] {
  return [
    [
      "run_type",
      run_type === "tune",
      "a search over configs is composed and checked, but not run yet; -m runs the same grid: cello train -m key=1,2",
    ],
    ["task", task !== "pretrain", `${task} is no task that is trained here; there is pretrain`],
    [
      "quantization",
      quantization === "float16",
      "there is no training in float16; there are float32 and bfloat16",
    ],
    [
      "trainer.kind",
      trainer.kind !== "epoch_based",
      `there is no trainer ${trainer.kind}; there is epoch_based`,
    ],
    ["profiling.enable", profiling?.enable === true, "there is no profiler"],
  ];
}

function ofMachines({ clusters, deepspeed, parallelism }: RunConfig): Row[] {
  const { launcher_type, worker_nodes, gpus_per_worker } = clusters;
  const ranks = worker_nodes * gpus_per_worker;
  const zero = deepspeed?.zero_optimization;
  const offloads = [zero?.offload_optimizer, zero?.offload_param];
  const writers = [deepspeed?.tensorboard, deepspeed?.csv_monitor, deepspeed?.wandb];
  return [
    [
      "clusters.launcher_type",
      launcher_type !== "local",
      `nothing is started on ${launcher_type}; there is local`,
    ],
    [
      worker_nodes > 1 ? "clusters.worker_nodes" : "clusters.gpus_per_worker",
      ranks > 1,
      `nothing is divided between ${ranks} ranks; a run has one`,
    ],
    ["clusters.chain_jobs", clusters.chain_jobs > 1, "jobs are not chained"],
    [
      "deepspeed.zero_optimization",
      offloads.some((offload) => (offload?.device ?? "none") !== "none"),
      "nothing is offloaded from the device; set both devices to none",
    ],
    [
      "deepspeed",
      writers.some((writer) => writer?.enabled === true),
      "DeepSpeed's own writers (tensorboard, csv_monitor, wandb) are not there; loggers has ours",
    ],
    [
      "deepspeed.flops_profiler.enabled",
      deepspeed?.flops_profiler?.enabled === true,
      "operations are not counted",
    ],
    ["deepspeed.wall_clock_breakdown", deepspeed?.wall_clock_breakdown === true, "it is not there"],
    [
      "parallelism.quantize.enable",
      parallelism?.quantize?.enable === true,
      "there are no 8-bit or 4-bit layers",
    ],
    [
      "parallelism.fault_tolerance.enable",
      parallelism?.fault_tolerance?.enable === true,
      "a run does not go on without a rank; it has one",
    ],
    [
      "parallelism.training.enable_cpu_offload",
      parallelism?.training.enable_cpu_offload === true,
      "nothing is offloaded from the device",
    ],
  ];
}

function ofData({ datasets, paths }: RunConfig): Row[] {
  const { databases, masking, preprocessor, transforms, collate_fn } = datasets;
  const { train_shape = datasets.input_shape } = datasets;
  const kinds = (preprocessor.transforms_list ?? []).map(({ kind }) => kind);
  const unknown = kinds.filter((kind) => kind !== "normalize");
  const mode = masking.mask_mode;
  return [
    [
      "datasets.databases.kind",
      databases.kind !== "duckdb",
      `there is no ${databases.kind} database; there is duckdb, which cello data fills`,
    ],
    [
      "datasets.databases.use_cached_hypercubes_dataframe",
      databases.use_cached_hypercubes_dataframe,
      "rows are not read from CSV; cello data catalogue makes a catalogue",
    ],
    [
      "datasets.databases.with_hypercubes_dataframe",
      !databases.with_hypercubes_dataframe,
      "rows are hypercubes, never whole tiles",
    ],
    [
      "datasets.databases.fetch_hypercubes_dataframe",
      !databases.fetch_hypercubes_dataframe,
      "the catalogue is asked as the run starts",
    ],
    [
      "datasets.databases.mask_channel_idx",
      databases.mask_channel_idx !== null,
      "no channel is read as labels",
    ],
    [
      "datasets.train_shape",
      JSON.stringify(train_shape) !== JSON.stringify(datasets.input_shape),
      "the model sees hypercubes as they are read; make it the same as datasets.input_shape",
    ],
    [
      "datasets.transforms.transforms_list",
      (transforms?.transforms_list.length ?? 0) > 0,
      "nothing is transformed while samples are collated; datasets.preprocessor is the place",
    ],
    [
      "datasets.collate_fn.kind",
      collate_fn?.kind === "finetune_collator",
      "there is no collator of labels",
    ],
    [
      "datasets.preprocessor.kind",
      preprocessor.kind !== "ray",
      `there is no preprocessor ${preprocessor.kind}; there is ray`,
    ],
    [
      "datasets.preprocessor.with_masking",
      preprocessor.kind === "ray" && !preprocessor.with_masking,
      "a masked autoencoder is not trained without masks",
    ],
    [
      "datasets.preprocessor.transforms_list",
      unknown.length > 0,
      `there is no transform ${unknown.join(", ")}; there is normalize`,
    ],
    [
      "datasets.masking.mask_mode",
      mode !== "RANDOM" && mode !== "BLOCKED",
      `masks are not drawn in the mode ${mode}; there are RANDOM and BLOCKED`,
    ],
    [
      "datasets.masking.channels_to_mask",
      masking.channels_to_mask !== null,
      "channels are not hidden as a whole",
    ],
    [
      "datasets.masking.mask_generators",
      (masking.mask_generators?.length ?? 1) !== 1,
      "one generator draws the masks",
    ],
    [
      "paths.resume_checkpointdir",
      paths.resume_checkpointdir !== null &&
        join(paths.resume_checkpointdir) !== join(paths.outdir, "checkpoints"),
      "a run goes on from its own folder only: the same command does it",
    ],
    [
      "paths.pretrained_checkpointdir",
      paths.pretrained_checkpointdir !== null,
      "a run starts from random weights",
    ],
  ];
}

function ofModel({ models, optimizations }: RunConfig): Row[] {
  const [name = "none"] = Object.entries(models.meta_arch).flatMap(([arch, config]) =>
    config === undefined ? [] : [arch],
  );
  const { mae } = optimizations?.models ?? {};
  return [
    [
      "models.meta_arch",
      !isIn(components.models, name),
      `there is no model ${name}; there is ${orNames(components.models)}`,
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

function ofTraining(config: RunConfig): Row[] {
  const { optimizers, schedulers, evaluation, trainer_loop, checkpoint, loggers } = config;
  const { enc_layer_decay = 1, dec_layer_decay = 1 } = optimizers.get_param_groups_extra ?? {};
  const layers = [optimizers.ld ?? 1, optimizers.decoder_layer_decay ?? 1];
  const manager = checkpoint.checkpoint_manager;
  const { kind = "base", training_metrics } = evaluation.evaluator ?? {};
  return [
    [
      "optimizers.name",
      !isIn(components.optimizers, optimizers.name),
      `there is no optimizer ${optimizers.name}; there are ${orNames(components.optimizers)}`,
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
      `there is no schedule ${schedulers.fixedlr ? "fixedlr" : schedulers.name}; there is ${orNames(components.schedulers)}`,
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
      isGivenList(manager?.ckpt_include_prefixes) || isGivenList(manager?.ckpt_translate_map),
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

const isGivenList = (value: object | null | undefined) =>
  value !== undefined && value !== null && Object.keys(value).length > 0;

/** What every parameter group leaves out of weight decay. */
const usuallyLeftOut = ["bias", "pos_embedding", "cls_token", "token_param", "level_embed"];

function ofHooks({ hooks }: RunConfig): Row[] {
  return (hooks?.hooks_list ?? []).flatMap((hook, i): Row[] => {
    const key = `hooks.hooks_list.${i}`;
    return [
      [
        `${key}.name`,
        !isIn(components.hooks, hook.name),
        `there is no hook ${hook.name}; there are ${orNames(components.hooks)}`,
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

function ofPrediction({ inference }: RunConfig): Row[] {
  const { auxiliary_outputs, outputs_metadata } = inference;
  return [
    ["inference.save_format", inference.save_format !== "zarr", "OME-Zarr is what is written"],
    [
      "inference.inference_mode",
      inference.inference_mode !== "sliding_window",
      "a volume is cut up by a sliding window",
    ],
    [
      "inference.aggregate_mode",
      inference.aggregate_mode !== "stitch_volume",
      "the parts of a volume are stitched together",
    ],
    [
      "inference.decoder_head_type",
      inference.decoder_head_type !== "pretrain",
      "the answer is a rebuilt volume",
    ],
    [
      "inference.roi_tile_list",
      inference.roi_tile_list !== null || inference.timepoint_list !== null,
      "cello predict --image and --frame say what is rebuilt",
    ],
    ["inference.save_as_pdf", inference.save_as_pdf, "a PNG of sections is what is drawn"],
    [
      "inference.outputs_metadata",
      isGivenList(auxiliary_outputs) || isGivenList(outputs_metadata),
      "input, mask and rebuilt volume are what is written",
    ],
    ["inference.activation", inference.activation !== null, "nothing is done to a rebuilt volume"],
  ];
}
