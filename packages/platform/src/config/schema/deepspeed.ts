import { z } from "zod";
import { choice, flag, group, int, keys, number, orNull, text, unused } from "./key.ts";

const elements = (description: string) => {
  const schema = z.union([
    z.literal("auto"),
    number("elements", { unit: "elements", min: 0, max: 1e15 }),
  ]);
  z.globalRegistry.add(schema, { description, unit: "elements" });
  return schema.optional();
};
const offload = (description: string) =>
  group(description, () =>
    keys({
      device: choice("where to", ["none", "cpu", "nvme"]).default("none"),
      pin_memory: flag("true: pinned host memory").optional(),
      nvme_path: text("folder on the drive").optional(),
    }),
  ).optional();
const monitor = (description: string) =>
  group(description, () =>
    keys({
      enabled: flag("true: it writes").default(false),
      output_path: text("folder").optional(),
      job_name: text("name").optional(),
      project: text("project").optional(),
    }),
  ).optional();

/** Config group `deepspeed`: what a run divides between its ranks, by DeepSpeed's own names. */
export const DeepspeedConfig = group(
  "what a run divides between its ranks, by DeepSpeed's own names; nothing, with one rank",
  () =>
    keys({
      fp16: group(`half precision: quantization says it (${unused})`, () =>
        keys({
          enabled: flag("true: quantization is float16").default(false),
          auto_cast: flag("true: inputs are cast").optional(),
          loss_scale: number("0: found while training", { unit: "1", min: 0, max: 1e12 }).default(
            0,
          ),
          loss_scale_window: int("steps without overflow before it grows", {
            unit: "steps",
            min: 1,
            max: 1e9,
          }).default(1000),
          hysteresis: int("overflows before it shrinks", {
            unit: "steps",
            min: 1,
            max: 1e6,
          }).default(2),
          consecutive_hysteresis: flag("true: overflows in a row").default(false),
          min_loss_scale: number("it never shrinks below", {
            unit: "1",
            min: 0,
            max: 1e12,
          }).default(1),
        }),
      ).prefault({}),
      bf16: group(`bfloat16: quantization says it (${unused})`, () =>
        keys({
          enabled: flag("true: quantization is bfloat16").default(false),
          auto_cast: flag("true: inputs are cast").optional(),
        }),
      ).prefault({}),
      zero_optimization: group(
        `ZeRO: what each rank keeps only its part of; with one rank, all (${unused})`,
        () =>
          keys({
            stage: int("0: nothing; 1: optimizer state; 2: gradients, too; 3: weights, too", {
              unit: "stage",
              min: 0,
              max: 3,
            }).default(0),
            reduce_bucket_size: elements("gradients that are added up together"),
            allgather_bucket_size: elements("weights that are collected together"),
            allgather_partitions: flag("true: collected at once").optional(),
            reduce_scatter: flag("true: added up and divided at once").optional(),
            contiguous_gradients: flag("true: in one block of memory").optional(),
            overlap_comm: flag("true: while the backward goes on").optional(),
            stage3_prefetch_bucket_size: elements("weights that are fetched ahead"),
            stage3_param_persistence_threshold: elements("smaller weights stay everywhere"),
            stage3_max_live_parameters: elements("weights that are there at once"),
            stage3_max_reuse_distance: elements("weights that stay for the next use"),
            stage3_gather_16bit_weights_on_model_save: flag("true: saved in one piece").optional(),
            zero_quantized_weights: flag("true: weights travel as 8-bit numbers").default(false),
            zero_quantized_gradients: flag("true: gradients travel as 4-bit numbers").default(
              false,
            ),
            zero_hpz_partition_size: int("ranks that share a second copy of the weights", {
              unit: "ranks",
              min: 1,
              max: 65536,
            }).optional(),
            offload_optimizer: offload("optimizer state elsewhere"),
            offload_param: offload("weights elsewhere"),
          }),
      ).prefault({}),
      checkpoint: group(`of DeepSpeed's checkpoints (${unused})`, () =>
        keys({ load_universal: flag("true: those of any number of ranks").default(false) }),
      ).prefault({}),
      tensorboard: monitor("DeepSpeed's own writer for TensorBoard"),
      csv_monitor: monitor("DeepSpeed's own CSV files"),
      wandb: monitor("DeepSpeed's own writer for Weights & Biases"),
      flops_profiler: group("a table of operations", () =>
        keys({
          enabled: flag("true: it is written").default(false),
          profile_step: int("at which step", { unit: "step", min: 0, max: 1e12 }).default(1),
          module_depth: int("levels of modules; -1: all", {
            unit: "levels",
            min: -1,
            max: 1000,
          }).default(-1),
          top_modules: int("modules that are listed", {
            unit: "modules",
            min: 1,
            max: 1e6,
          }).default(1),
          detailed: flag("true: each module").default(true),
          output_file: orNull(text("file")),
        }),
      ).optional(),
      gradient_clipping: number("as optimizers.clip_grad; 0: none", {
        unit: "1",
        min: 0,
        max: 1e12,
      }).optional(),
      steps_per_print: int(`steps between DeepSpeed's own lines (${unused})`, {
        unit: "steps",
        min: 1,
        max: 1e12,
      }).default(100),
      gradient_accumulation_steps: int(
        "forward passes of one rank in an optimizer step; must be what the batch sizes say",
        {
          unit: "passes",
          min: 1,
          max: 2 ** 20,
        },
      ).optional(),
      train_batch_size: int("as clusters.batch_size", {
        unit: "samples",
        min: 1,
        max: 2 ** 20,
      }).optional(),
      train_micro_batch_size_per_gpu: int("as trainer.micro_batch_size", {
        unit: "samples",
        min: 1,
        max: 2 ** 20,
      }).optional(),
      zero_allow_untested_optimizer: flag(`true: any optimizer (${unused})`).optional(),
      wall_clock_breakdown: flag("true: times of each part").default(false),
    }),
);
export type DeepspeedConfig = z.infer<typeof DeepspeedConfig>;
