import type { RunConfig } from "../../config/index.ts";
import { readsLabels } from "../reads-labels.ts";
import type { Row } from "./row.ts";

/** What it reads, and what happens to it before the model. */
export function ofData(config: RunConfig): readonly Row[] {
  const { datasets } = config;
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
      databases.mask_channel_idx !== null && !readsLabels(config),
      "labels are read where datasets.collate_fn.kind is finetune_collator, or the preprocessor needs them",
    ],
    [
      "datasets.preprocessor.with_masking",
      preprocessor.kind === "ray" && !preprocessor.with_masking,
      "ray prepares batches of masked models; each task without masks has a preprocessor of its own",
    ],
    [
      "datasets.eval_split",
      datasets.eval_split === "train",
      "a test looks at what training did not see: make it val, or leave it away",
    ],
    [
      "datasets.collate_fn.with_resize",
      datasets.collate_fn?.with_resize === true,
      "nothing is resized while samples are collated; put a resize into datasets.transforms or datasets.preprocessor.transforms_list",
    ],
    [
      "datasets.collate_fn.use_masks",
      datasets.collate_fn?.use_masks === true,
      "a batch has one label map for all objects; datasets.preprocessor.materialize_binary_masks makes a mask of each",
    ],
    [
      "datasets.crop",
      datasets.crop === "random" && datasets.split_by === "row" && datasets.split > 0,
      "crops that move would reach into neighbours that split_by=row holds out; make it grid, or split_by=cut",
    ],
    [
      "datasets.masking.channels_to_mask",
      masking.channels_to_mask !== null,
      "a token has all channels of its voxels, and hides them together",
    ],
    [
      "datasets.masking.mask_generators",
      (masking.mask_generators?.length ?? 1) !== 1,
      "a masked autoencoder sees a sample under one mask; several are for JEPA, which is not there",
    ],
  ];
}
