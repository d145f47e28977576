import { z } from "zod";
import {
  choice,
  flag,
  fraction,
  group,
  int,
  keys,
  list,
  mapOf,
  orNull,
  text,
  unused,
} from "./key.ts";

const reduction = () => z.enum(["mean", "median", "sum", "min", "max"]);
const metricNames = [
  "box_map",
  "box_miou",
  "box_f1",
  "mask_map",
  "mask_miou",
  "class_ap",
  "nrmse",
  "mae",
] as const;

const EvaluatorConfig = group("who judges the held-out samples", () =>
  keys({
    kind: choice("base: the loss alone; each other: one task", [
      "base",
      "reconstruction",
      "instance_segmentation",
      "semantic_segmentation",
      "automated_benchmark",
      "pretrain",
    ]).default("base"),
    training_metrics: list(
      "base: entries of the loss, and how they are put together",
      mapOf("name: reduction", reduction()),
      { max: 64 },
    ).prefault([{ step_loss: "mean" }]),
    metric_reductions: list(
      "reconstruction: metrics, and how they are put together",
      keys({
        name: choice("which metric", metricNames),
        reduce_method: reduction().describe("how").default("mean"),
      }),
    ).optional(),
    metrics: list(
      "names of metrics",
      z.union([z.enum(metricNames), keys({ name: choice("which metric", metricNames) })]),
    ).optional(),
    mask_chunk_size: int("masks that are made at once", {
      unit: "masks",
      min: 1,
      max: 1e6,
    }).optional(),
    score_threshold: fraction("answers below it do not count").optional(),
    match_labels: flag("true: the class must be right, too").optional(),
    gt_mask_source: choice("what labels are", ["label_map", "masks"]).optional(),
    target_key: text("name of the truth in a batch").optional(),
    pred_key: text("name of the answer").optional(),
    num_classes: int("classes, with the background", {
      unit: "classes",
      min: 1,
      max: 65536,
    }).optional(),
    exclude_from_mean: int("class that does not count in a mean", {
      unit: "class",
      min: 0,
      max: 65535,
    }).optional(),
    result_name: text("name of the result").optional(),
  }),
);

/** Config group `evaluation`: when the model is looked at, and what counts as better. */
export const EvaluationConfig = group(
  "when the model is looked at, and what counts as better",
  () =>
    keys({
      val_begin: int("first epoch that ends with a validation", {
        unit: "epoch",
        min: 0,
        max: 2 ** 40,
      }).default(0),
      val_interval: int("epochs between validations", {
        unit: "epochs",
        min: 1,
        max: 2 ** 40,
      }).default(1),
      val_max_batches: orNull(
        int("batches in a validation; null: all that were held out", {
          unit: "batches",
          min: 1,
          max: 2 ** 40,
        }),
      ),
      val_metric: text("what the best save is judged by").default("val_step_loss"),
      val_mode: choice("min: lower val_metric is better", ["min", "max"]).default("min"),
      predict_method: text(`function of the model that answers (${unused})`).optional(),
      evaluator: EvaluatorConfig.optional(),
    }),
);
export type EvaluationConfig = z.infer<typeof EvaluationConfig>;
