import type { z } from "zod";
import { choice, group, int, keys } from "./key.ts";

const denseTasks = [
  "channel_split",
  "denoising",
  "upsample_space",
  "upsample_spacetime",
  "upsample_time",
] as const;
const objectTasks = ["instance_segmentation", "object_detection", "semantic_segmentation"] as const;

/** Every task that a config may name; which of them runs today, `catalog` knows. */
export const taskNames = [
  "pretrain",
  ...denseTasks,
  ...objectTasks,
  "detection",
  "dense_prediction",
  "finetuning",
  "feature_extractor",
] as const;

/** Config group `tasks`: what a finetuned model is asked to do. */
export const TasksConfig = group("what a finetuned model is asked to do", () =>
  keys({
    task: choice("which task", [...denseTasks, ...objectTasks]),
    input_channels: int("channels of the image, without labels", {
      unit: "channels",
      min: 1,
      max: 1024,
    }).optional(),
  }),
);
export type TasksConfig = z.infer<typeof TasksConfig>;
