import { z } from "zod";
import { BuffersConfig } from "./buffers.ts";
import { CollatorConfig } from "./collator.ts";
import { DatabasesConfig, selectionKeysInDatasets } from "./databases.ts";
import { choice, flag, fraction, group, int, keys, list, orNull, text, unused } from "./key.ts";
import { shape } from "./layout.ts";
import { LoaderConfig } from "./loader.ts";
import { SourceConfig } from "./loader-source.ts";
import { MaskingConfig } from "./masking.ts";
import { PreprocessorConfig } from "./preprocessor.ts";
import { rayLoaderKeys } from "./ray-loader.ts";
import { TransformsConfig } from "./transforms.ts";

/** Config group `datasets`: what one sample is, where samples come from, and how they are hidden. */
export const DatasetsConfig = group(
  "what one sample is, where samples come from, and how they are hidden",
  () =>
    keys({
      input_shape: shape("size of a hypercube along dataset_layout_order, channels last"),
      train_shape: shape(
        "size that the model sees, once transforms have cropped or resized what is read; not given: input_shape",
      ).optional(),
      patch_shape: shape("voxels in a patch along the same axes, without channels"),
      split: orNull(
        fraction("part of the hypercubes that is held out for validation; null: nothing", {
          below: 1,
        }),
        0.2,
      ),
      split_by: choice(
        "what stays on one side of the split; cut: each tile is cut in two; row: each hypercube; specimen: those of one output_folder",
        ["cut", "row", "tile", "roi", "specimen"],
      ).default("cut"),
      eval_split: choice("which part a test looks at: val, what training did not see", [
        "train",
        "val",
      ]).optional(),
      drop_last_policy: flag(
        "true: an epoch's incomplete last batch is left out; false: it is smaller; not given: as last_batch_policy says",
      ).optional(),
      crop: choice(
        "training samples lie on the catalogue's grid, or are moved by up to half their size within the training part, also into what a filter or a quarantine leaves out; not with split_by=row",
        ["grid", "random"],
      ).default("grid"),
      samples_per_epoch: orNull(
        int("training samples in an epoch; null: as many as the catalogue's grid has", {
          unit: "samples",
          min: 1,
          max: 2 ** 40,
        }),
      ),
      channels_subset: orNull(
        list("channels that are read, from 0; null: all", z.int().check(z.gte(0)), { min: 1 }),
      ),
      ...selectionKeysInDatasets(),
      columns: orNull(
        list(`columns of the rows that are kept; null: all (${unused})`, text("column")),
      ),
      last_batch_policy: choice(
        "an epoch's incomplete last batch: left out, as when neither is given; filled with rows that no loss counts; or smaller",
        ["drop", "pad", "keep"],
      ).optional(),
      mask_channel_idx: orNull(
        int("channel that holds instance labels; null: none", {
          unit: "channel",
          min: -1,
          max: 1023,
        }),
      ),
      use_cached_hypercubes_dataframe: flag(
        "as databases.use_cached_hypercubes_dataframe",
      ).optional(),
      hypercubes_dataframe_path: orNull(text("as databases.hypercubes_dataframe_path")),
      server_folder_path: orNull(text("as paths.server_folder_path")),
      ...rayLoaderKeys(),
      collate_fn: CollatorConfig.optional(),
      dataset: SourceConfig.optional(),
      databases: DatabasesConfig.prefault({}),
      masking: MaskingConfig.prefault({}),
      preprocessor: PreprocessorConfig.prefault({}),
      transforms: TransformsConfig.optional(),
      buffers: BuffersConfig.optional(),
      loader: LoaderConfig.prefault({}),
    }),
);
type Keys = z.infer<typeof DatasetsConfig>;
/** As it leaves the schema of a run, where these two have their defaults. */
export interface DatasetsConfig extends Omit<Keys, "split" | "databases"> {
  readonly split: number;
  readonly databases: Keys["databases"] & { readonly catalogue_path: string };
}
