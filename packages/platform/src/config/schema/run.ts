import { z } from "zod";
import { CheckpointConfig } from "./checkpoint.ts";
import { ClustersConfig } from "./clusters.ts";
import { DatasetsConfig } from "./datasets.ts";
import { EvaluationConfig } from "./evaluation.ts";
import { InferenceConfig } from "./inference.ts";
import { Layout } from "./layout.ts";
import { LoggersConfig } from "./loggers.ts";
import { ModelsConfig } from "./models.ts";
import { OptimizersConfig } from "./optimizers.ts";
import { PathsConfig } from "./paths.ts";
import { SchedulersConfig } from "./schedulers.ts";
import { TrainerConfig } from "./trainer.ts";

/**
 * Everything that a run is, as composed from `configs/`: frozen, and saved as `config.json` in the
 * run's folder. Keys are spelled as in the YAML.
 */
export const RunConfig = z
  .strictObject({
    experiment_name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, {
        error: "a name of letters, digits, '.', '_' and '-', since it becomes a folder",
      })
      .describe("name of the run, and of its folder"),
    task: z.enum(["pretrain"]).default("pretrain").describe("what the model is asked to do"),
    job_type: z.enum(["train", "predict"]).default("train").describe("what the run does"),
    run_type: z.enum(["single_run"]).default("single_run").describe("one run, or several"),
    seed: z
      .int()
      .nonnegative()
      .default(0)
      .describe("of weights, order, crops and masks: the same seed gives the same run"),
    quantization: z
      .enum(["float32", "bfloat16"])
      .default("float32")
      .describe("number type of activations; weights and optimizer state stay float32"),
    dataset_layout_order: Layout.default("TZYXC").describe("axes of a hypercube, slowest first"),
    storage_dtype: z.enum(["uint16"]).default("uint16").describe("number type of voxels on disk"),
    paths: PathsConfig,
    clusters: ClustersConfig,
    datasets: DatasetsConfig,
    models: ModelsConfig,
    optimizers: OptimizersConfig.prefault({}),
    schedulers: SchedulersConfig.prefault({}),
    trainer: TrainerConfig,
    checkpoint: CheckpointConfig.prefault({}),
    evaluation: EvaluationConfig.prefault({}),
    loggers: LoggersConfig,
    inference: InferenceConfig,
  })
  .superRefine(checkShapes)
  .superRefine(checkBatch)
  .readonly();
export type RunConfig = z.infer<typeof RunConfig>;

interface ShapedRun {
  readonly dataset_layout_order: Layout;
  readonly datasets: DatasetsConfig;
}

/** The hypercube has the layout's axes, and divides into patches along every one of them. */
function checkShapes(run: ShapedRun, context: z.RefinementCtx): void {
  const layout = run.dataset_layout_order;
  const { input_shape, patch_shape } = run.datasets;
  const fault = (key: string, message: string) =>
    context.addIssue({ code: "custom", path: ["datasets", key], message, input: run });
  if (input_shape.length !== layout.length) {
    fault("input_shape", `needs ${layout.length} numbers, one for each axis of ${layout}`);
  } else if (patch_shape.length !== layout.length - 1) {
    const axes = layout.slice(0, -1);
    fault("patch_shape", `needs ${axes.length} numbers, one for each axis of ${axes}`);
  } else {
    patch_shape.forEach((edge, axis) => {
      const size = input_shape[axis] ?? 0;
      if (size % edge !== 0) {
        fault("patch_shape", `${edge} does not divide ${size}, the size along ${layout[axis]}`);
      }
    });
  }
}

interface BatchedRun {
  readonly clusters: ClustersConfig;
  readonly trainer: TrainerConfig;
}

/** Every optimizer step sees the same number of samples. */
function checkBatch({ clusters, trainer }: BatchedRun, context: z.RefinementCtx): void {
  const micro = trainer.micro_batch_size ?? clusters.batch_size;
  if (clusters.batch_size % micro !== 0) {
    const message = `must divide clusters.batch_size, which is ${clusters.batch_size}`;
    const path = ["trainer", "micro_batch_size"];
    context.addIssue({ code: "custom", path, message, input: trainer });
  }
}
