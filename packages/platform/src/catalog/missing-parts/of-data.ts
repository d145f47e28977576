import { join } from "node:path";
import type { RunConfig } from "../../config/index.ts";
import { readsLabels } from "../reads-labels.ts";
import type { Row } from "./row.ts";

/** What it reads, and what happens to it before the model. */
export function ofData(config: RunConfig): readonly Row[] {
  const { datasets, paths, task } = config;
  const { databases, masking, preprocessor } = datasets;
  return [
    [
      "datasets.databases.kind",
      databases.kind === "local",
      `there is no ${databases.kind} database; there are duckdb, which cello data fills, supabase and trino`,
    ],
    [
      "datasets.databases.fetch_hypercubes_dataframe",
      !databases.fetch_hypercubes_dataframe,
      "the catalogue is asked as the run starts",
    ],
    [
      "datasets.databases.mask_channel_idx",
      databases.mask_channel_idx !== null && (task === "pretrain" || !readsLabels(config)),
      task === "pretrain"
        ? "pretraining takes every channel as image; another task can have labels in one"
        : "labels are read where datasets.collate_fn.kind is finetune_collator, or the preprocessor needs them",
    ],
    [
      "datasets.eval_split",
      datasets.eval_split === "train",
      "a test looks at what training did not see: make it val, or leave it away",
    ],
    [
      "datasets.crop",
      datasets.crop === "random" && datasets.split_by === "row" && datasets.split > 0,
      "crops that move would reach into neighbours that split_by=row holds out; make it grid, or split_by=cut",
    ],
    [
      "datasets.preprocessor.kind",
      task === "pretrain" && preprocessor.kind !== "ray",
      `${preprocessor.kind} prepares batches for another task; pretraining takes ray`,
    ],
    [
      "datasets.preprocessor.with_masking",
      preprocessor.kind === "ray" && !preprocessor.with_masking,
      "a masked autoencoder is not trained without masks",
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
