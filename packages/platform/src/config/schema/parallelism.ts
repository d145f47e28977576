import type { z } from "zod";
import { choice, flag, group, int, keys, list, number, orNull, text, unused } from "./key.ts";

const degree = (description: string) =>
  int(description, { unit: "ranks", min: 1, max: 65536 }).default(1);
const dtypes = ["float32", "bfloat16", "float16"] as const;
const seconds = (description: string) => number(description, { unit: "s", above: 0, max: 1e7 });

/** Config group `parallelism`: how a run divides its model and its data between ranks. */
export const ParallelismConfig = group(
  "how a run divides its model and its data between ranks; nothing, with one rank",
  () =>
    keys({
      training: group("degrees: their product is the number of ranks", () =>
        keys({
          data_parallel_shard_degree: int(
            "ranks that share one copy of the weights; -1: the rest, of which there is one",
            {
              unit: "ranks",
              min: -1,
              max: 65536,
            },
          )
            .refine((n) => n !== 0, { error: "must be -1, or at least 1" })
            .default(-1),
          data_parallel_replicate_degree: degree("copies of the weights"),
          context_parallel_degree: degree("ranks that share one sequence"),
          tensor_parallel_degree: degree("ranks that share one matrix"),
          pipeline_parallel_degree: degree("ranks that share the blocks"),
          expert_parallel_degree: degree("ranks that share the experts"),
          expert_tensor_parallel_degree: degree("ranks that share one expert"),
          max_norm: number(`as optimizers.clip_grad (${unused})`, {
            unit: "1",
            above: 0,
            max: 1e12,
          }).default(1),
          enable_cpu_offload: flag("true: weights wait in host memory").default(false),
          dtype: choice(`number type of the weights (${unused})`, dtypes).default("float32"),
          mixed_precision_param: choice(`number type of activations (${unused})`, dtypes).default(
            "bfloat16",
          ),
          mixed_precision_reduce: choice(
            `number type in which gradients are added up (${unused})`,
            dtypes,
          ).default("float32"),
          fsdp_reshard_after_forward: choice(
            `weights are given back after the forward (${unused})`,
            ["default", "always", "never"],
          ).default("default"),
          context_parallel_rotate_method: choice(`how parts of a sequence meet (${unused})`, [
            "allgather",
            "alltoall",
          ]).default("allgather"),
          disable_loss_parallel: flag(`true: the loss is computed whole (${unused})`).default(true),
          enable_compiled_autograd: flag(`true: the backward is compiled (${unused})`).default(
            false,
          ),
          gc_freq: int(`steps between Python's collections (${unused})`, {
            unit: "steps",
            min: 1,
            max: 1e9,
          }).default(50),
          gc_debug: flag(`true: cycles are listed (${unused})`).default(false),
          deterministic: flag(`true: repeats exactly, as every run here does (${unused})`).default(
            false,
          ),
        }),
      ).prefault({}),
      fault_tolerance: group("going on without a rank that is gone", () =>
        keys({
          enable: flag("true: do").default(false),
          replica_id: int("which copy this is", { unit: "copy", min: 0, max: 65535 }).default(0),
          group_size: int("copies", { unit: "copies", min: 0, max: 65536 }).default(0),
          min_replica_size: int("fewest copies", { unit: "copies", min: 1, max: 65536 }).default(1),
        }),
      ).optional(),
      quantize: group("8-bit and 4-bit layers", () =>
        keys({
          enable: flag("true: do").default(false),
          backend: choice("kind of numbers", ["float8", "mx"]).default("float8"),
          recipe: choice("how they are scaled", [
            "tensorwise",
            "rowwise",
            "rowwise_with_gw_hp",
            "mxfp8_cublas",
            "mxfp8_cublas_rceil",
            "mxfp4_cutlass",
          ]).default("tensorwise"),
          fsdp_float8_all_gather: flag("true: weights travel so, too").default(true),
          filter_fqns: list(
            "layers that are left as they are, by part of the name",
            text("part"),
          ).prefault([]),
        }),
      ).optional(),
      comm: group(`between ranks (${unused})`, () =>
        keys({
          init_timeout_seconds: seconds("longest wait at the start").default(300),
          train_timeout_seconds: seconds("longest wait after the first step").default(600),
          trace_buf_size: int("calls that are remembered for a post-mortem", {
            unit: "calls",
            min: 0,
            max: 1e9,
          }).default(0),
          save_traces_folder: orNull(text("folder of traces")),
          save_traces_file_prefix: orNull(text("first part of their names")),
          dump_base_folder: orNull(text("folder of what is remembered")),
        }),
      ).optional(),
    }),
);
export type ParallelismConfig = z.infer<typeof ParallelismConfig>;
