import { z } from "zod";
import { Shape } from "./layout.ts";

/** Config group `inference`: what `cello predict` writes, and how. */
export const InferenceConfig = z
  .strictObject({
    save_dir: z
      .string()
      .min(1)
      .describe("folder for predictions; as a rule inference/ in paths.outdir"),
    save_format: z.enum(["zarr"]).default("zarr").describe("OME-Zarr, version 3 of the format"),
    zarr_chunk_shape: Shape.prefault([32, 32, 32]).describe("voxels in a chunk along Z, Y, X"),
    zarr_shard_shape: Shape.nullable()
      .prefault([128, 128, 128])
      .describe("voxels in a shard file along Z, Y, X; null: a file a chunk"),
  })
  .readonly();
export type InferenceConfig = z.infer<typeof InferenceConfig>;
