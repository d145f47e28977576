import { z } from "zod";
import { DatabasesConfig } from "./databases.ts";
import { Shape } from "./layout.ts";
import { LoaderConfig } from "./loader.ts";
import { MaskingConfig } from "./masking.ts";
import { PreprocessorConfig } from "./preprocessor.ts";

/** Config group `datasets`: what one sample is, where samples come from, and how they are hidden. */
export const DatasetsConfig = z
  .strictObject({
    input_shape: Shape.describe("size of a hypercube along dataset_layout_order, channels last"),
    patch_shape: Shape.describe("voxels in a patch along the same axes, without channels"),
    split: z
      .number()
      .min(0)
      .lt(1)
      .default(0.2)
      .describe("fraction of the hypercubes that is held out for validation"),
    drop_last_policy: z
      .boolean()
      .default(true)
      .describe("true: an epoch's incomplete last batch is left out"),
    crop: z
      .enum(["grid", "random"])
      .default("grid")
      .describe("training samples lie on the catalogue's grid, or anywhere in the training part"),
    samples_per_epoch: z
      .int()
      .positive()
      .nullable()
      .default(null)
      .describe("training samples in an epoch; null: as many as the catalogue's grid has"),
    channels_subset: z
      .array(z.int().nonnegative())
      .min(1)
      .readonly()
      .nullable()
      .default(null)
      .describe("channels that are read, from 0; null: all"),
    databases: DatabasesConfig,
    masking: MaskingConfig.prefault({}),
    preprocessor: PreprocessorConfig.prefault({}),
    loader: LoaderConfig.prefault({}),
  })
  .readonly();
export type DatasetsConfig = z.infer<typeof DatasetsConfig>;
