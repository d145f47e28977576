import type { z } from "zod";
import { CheckpointConfig } from "./checkpoint.ts";
import { ClustersConfig } from "./clusters.ts";
import { DatasetsConfig } from "./datasets.ts";
import { DeepspeedConfig } from "./deepspeed.ts";
import { EvaluationConfig } from "./evaluation.ts";
import { HooksConfig } from "./hooks.ts";
import { InferenceConfig } from "./inference.ts";
import { choice, flag, int, keys, list, orNull, text, unused } from "./key.ts";
import { layout } from "./layout.ts";
import { LoggersConfig } from "./loggers.ts";
import { ModelsConfig } from "./models.ts";
import { OptimizationsConfig } from "./optimizations.ts";
import { OptimizersConfig } from "./optimizers.ts";
import { ParallelismConfig } from "./parallelism.ts";
import { PathsConfig } from "./paths.ts";
import { ProfilingConfig } from "./profiling.ts";
import { SchedulersConfig } from "./schedulers.ts";
import { TasksConfig, taskNames } from "./tasks.ts";
import { TrainerConfig, TrainerLoopConfig } from "./trainer.ts";
import { TuneConfig } from "./tune.ts";

/** Every key of a run, as it is written: some say the same in either of two places (`same-keys.ts`). */
export const RunKeys = keys({
  experiment_name: text("name of the run, and of its folder").regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
    "a name of letters, digits, '.', '_' and '-', since it becomes a folder",
  ),
  wandb_project: text("project of Weights & Biases").optional(),
  wandb_tags: orNull(list("tags for Weights & Biases", text("tag"))),
  task: choice("what the model is asked to do", taskNames).default("pretrain"),
  network: text("name of the architecture, for tags").optional(),
  job_type: choice("what the run does", ["train", "test", "predict"]).default("train"),
  run_type: choice("one run, or a search; several runs have a config of their own", [
    "single_run",
    "tune",
  ]).default("single_run"),
  seed: int("of weights, order, crops and masks: the same seed gives the same run", {
    unit: "seed",
    min: 0,
  }).default(0),
  quantization: choice("number type of activations; weights and optimizer state stay float32", [
    "float32",
    "bfloat16",
    "float16",
  ]).default("float32"),
  dataset_layout_order: layout("axes of a hypercube, slowest first").default("TZYXC"),
  storage_dtype: choice(
    "number type of voxels in a batch; files of a narrower type are widened, none is rounded",
    ["uint8", "uint16", "int16", "float32"],
  ).default("uint16"),
  dataset_dtype: choice(`number type of the reference platform's batches (${unused})`, [
    "uint16",
    "float16",
    "bfloat16",
    "float32",
  ]).optional(),
  backend: choice("who divides a run between ranks; with one rank, nobody", [
    "DEEPSPEED",
    "TORCHTITAN",
  ]).optional(),
  engine: choice("an older name of backend", [
    "DEEPSPEED",
    "TORCHTITAN",
    "deepspeed",
    "torchtitan",
  ]).optional(),
  distributed_framework: choice(`who starts workers on a cluster (${unused})`, ["ray"]).optional(),
  loop_per_worker_script: choice(`what a worker runs (${unused})`, [
    "train_loop_per_worker",
  ]).optional(),
  debug_mode: flag(`true: the loop runs in this process (${unused}), it always does`).optional(),
  paths: PathsConfig,
  clusters: ClustersConfig,
  datasets: DatasetsConfig,
  models: ModelsConfig,
  tasks: TasksConfig.optional(),
  optimizers: OptimizersConfig.prefault({}),
  schedulers: SchedulersConfig.prefault({}),
  optimizations: OptimizationsConfig.optional(),
  trainer: TrainerConfig.prefault({}),
  trainer_loop: TrainerLoopConfig.optional(),
  hooks: HooksConfig.optional(),
  checkpoint: CheckpointConfig.prefault({}),
  deepspeed: DeepspeedConfig.optional(),
  parallelism: ParallelismConfig.optional(),
  evaluation: EvaluationConfig.prefault({}),
  loggers: LoggersConfig,
  profiling: ProfilingConfig.optional(),
  inference: InferenceConfig.optional(),
  tune: TuneConfig.optional(),
});
export type RunKeys = z.infer<typeof RunKeys>;
