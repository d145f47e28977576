import type { RunConfig } from "../../config/index.ts";
import type { Row } from "./row.ts";

/** What pretraining cannot be given, though batches of it can be read and looked at. */
export function ofPretraining({ datasets, task }: RunConfig): readonly Row[] {
  const { databases, preprocessor } = datasets;
  return [
    [
      "datasets.preprocessor.kind",
      task === "pretrain" && preprocessor.kind !== "ray",
      `${preprocessor.kind} prepares batches for another task; pretraining takes ray`,
    ],
    [
      "datasets.databases.mask_channel_idx",
      task === "pretrain" && databases.mask_channel_idx !== null,
      "pretraining takes every channel as image; another task can have labels in one",
    ],
  ];
}
