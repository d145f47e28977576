import { z } from "zod";
import {
  choice,
  flag,
  group,
  int,
  keys,
  list,
  mapOf,
  number,
  orNull,
  text,
  unused,
} from "./key.ts";
import { layout, shape } from "./layout.ts";

const percent = (description: string) => number(description, { unit: "percent", min: 0, max: 100 });
const channels = () => int("channels", { unit: "channels", min: 1, max: 65536 });
const zyx = (description: string) => shape(description, { max: 3 });

const OutputConfig = () =>
  keys({
    name: text("name of what is written").optional(),
    path: text("where it is in a batch: metainfo.targets.0").optional(),
    num_output_channels: channels().optional(),
    activation: orNull(choice("what is done to it", ["sigmoid", "softmax", "relu"])),
    patchified: flag("true: it comes as patches").optional(),
  });

/** Config group `inference`: what `cello predict` writes, and how. */
export const InferenceConfig = group("what `cello predict` writes, and how", () =>
  keys({
    save_dir: text("folder for predictions; as a rule inference/ in paths.outdir"),
    save_format: choice("zarr: OME-Zarr, version 3 of the format", ["zarr", "tiff"]).default(
      "zarr",
    ),
    zarr_chunk_shape: zyx("voxels in a chunk along Z, Y, X").prefault([32, 32, 32]),
    zarr_shard_shape: orNull(
      zyx("voxels in a shard file along Z, Y, X; null: a file a chunk"),
      [128, 128, 128],
    ),
    zarr_chunk_spatial_shape: orNull(zyx("as zarr_chunk_shape")),
    zarr_shard_spatial_shape: orNull(zyx("as zarr_shard_shape")),
    kind: choice("who predicts", ["inferencer_worker"]).default("inferencer_worker"),
    task: orNull(text(`as task (${unused})`)),
    inference_mode: choice("how a volume is cut up", [
      "sliding_window",
      "tile",
      "hypercube",
    ]).default("sliding_window"),
    aggregate_mode: choice("what becomes of the parts", [
      "stitch_volume",
      "save_local",
      "none",
    ]).default("stitch_volume"),
    decoder_head_type: choice("what the model's answer is", [
      "pretrain",
      "plaindetr",
      "maskdino",
      "mask2former",
      "dense",
      "feature_extractor",
    ]).default("pretrain"),
    num_output_channels: int(`channels of the answer (${unused}), the image's`, {
      unit: "channels",
      min: 1,
      max: 65536,
    }).optional(),
    activation: orNull(choice("what is done to the answer", ["sigmoid", "softmax", "relu"])),
    outputs_metadata: mapOf(
      "what the model puts out, by name; the first is the answer",
      OutputConfig(),
    ).optional(),
    auxiliary_outputs: z
      .union([list("as a list", OutputConfig()), mapOf("by name", OutputConfig())])
      .describe("what else is written")
      .optional(),
    roi_tile_list: orNull(
      list(
        "regions and tiles; null: those of the catalogue",
        z.tuple([text("prepared_id"), text("tile_name")]).readonly(),
      ),
    ),
    timepoint_list: orNull(list("frames; null: those of datasets.databases", z.int())),
    input_format: layout("as dataset_layout_order").optional(),
    input_shape: shape("as datasets.input_shape").optional(),
    patch_shape: shape("as datasets.patch_shape").optional(),
    dtype: choice("number type of what is added up", ["float32", "float16"]).optional(),
    convert_to_ome_format: flag(`OME metadata (${unused}), always written`).default(true),
    save_as_pdf: flag("true: a PDF of projections").default(false),
    save_as_volume: flag(`the volume (${unused}), always written`).default(true),
    z_step_pdf: int(`planes of a projection (${unused})`, {
      unit: "planes",
      min: 1,
      max: 65536,
    }).optional(),
    pmin: percent(`percentile that is drawn black (${unused})`).default(1),
    pmax: percent(`percentile that is drawn white (${unused})`).default(99),
    feature_viz_type: choice("feature_extractor: what is drawn", [
      "pca",
      "patch_cosine",
    ]).optional(),
    use_cached_hypercubes_dataframe: flag(`as datasets.databases (${unused})`).optional(),
    hypercubes_dataframe_path: orNull(text(`as datasets.databases (${unused})`)),
    protocol: orNull(text(`as datasets.databases (${unused})`)),
    dotenv_path: orNull(text(`as datasets.databases (${unused})`)),
    dbname: text(`as datasets.databases (${unused})`).optional(),
    server_folder_path: orNull(text(`as paths (${unused})`)),
    max_hypercubes: orNull(int("samples at most", { unit: "hypercubes", min: 1, max: 2 ** 40 })),
    max_partitions: int(`as datasets.databases (${unused})`, {
      unit: "queries",
      min: 1,
      max: 1024,
    }).optional(),
    num_save_workers: int(`processes that write (${unused})`, {
      unit: "processes",
      min: 0,
      max: 1024,
    }).optional(),
    verbose: flag("true: each question is logged").default(false),
  }),
);
export type InferenceConfig = z.infer<typeof InferenceConfig>;
