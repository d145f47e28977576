import { z } from "zod";
import {
  choice,
  flag,
  fraction,
  group,
  int,
  keys,
  list,
  number,
  orNull,
  text,
  unused,
} from "./key.ts";
import { layout, shape } from "./layout.ts";
import { Transform } from "./transforms.ts";

const percent = (description: string) => number(description, { unit: "percent", min: 0, max: 100 });
const boxFormat = (description: string) =>
  choice(description, ["zyxzyx", "xyzxyz", "cxcyczwhd"]).optional();

/** Config group `datasets/preprocessor`: what happens to a batch before the model sees it. */
export const PreprocessorConfig = group("what happens to a batch before the model sees it", () =>
  keys({
    kind: choice("which preprocessor: one for each task", [
      "ray",
      "channel_split",
      "upsample",
      "denoising",
      "instance_segmentation",
      "object_detection",
      "semantic_segmentation",
    ]).default("ray"),
    normalize: choice(
      "of each sample and channel; zscore: to mean 0, deviation 1; percentile: two percentiles to 0 and 1; none: counts as stored",
      ["zscore", "percentile", "none"],
    ).default("zscore"),
    percentile_low: percent("percentile: the one that becomes 0").default(1),
    percentile_high: percent("percentile: the one that becomes 1").default(99.8),
    eps: number("floor of the standard deviation, or of the range between percentiles", {
      unit: "counts",
      above: 0,
      max: 1e6,
    }).default(1e-4),
    flip: list(
      "axes along which a training sample is mirrored, each with probability 1/2",
      z.enum(["T", "Z", "Y", "X"]),
      { max: 4 },
    ).prefault([]),
    with_masking: flag("true: patches are hidden; pretraining cannot do without").default(true),
    dtype: choice("number type of the model's input; as quantization", [
      "float32",
      "bfloat16",
      "float16",
    ]).optional(),
    input_format: layout("axes; as dataset_layout_order").optional(),
    input_shape: shape("size of a hypercube; as datasets.input_shape").optional(),
    patch_shape: shape("voxels in a patch; as datasets.patch_shape").optional(),
    mask_generator: orNull(
      z.unknown().describe("the reference platform's reference to datasets.masking; not read here"),
    ),
    transforms_list: orNull(
      list("the reference platform's list; null: the keys above say it all", Transform, {
        max: 64,
      }),
    ),
    seed: int("of what is drawn; as seed", { unit: "seed", min: 0 }).optional(),
    mode: choice("upsample: along which axes", [
      "upsample_space",
      "upsample_spacetime",
      "upsample_time",
    ]).optional(),
    ideal_psf_path: orNull(text("upsample: TIFF of the microscope's point spread function")),
    na_mask_thresholds: list(
      "upsample: parts of the spectrum's peak at which an aperture ends",
      fraction("threshold"),
      { max: 64 },
    ).optional(),
    resize_na_masks: flag("upsample: apertures are resized to the input").default(true),
    mask_idx: int(`channel of the labels (${unused}: datasets.mask_channel_idx says it)`, {
      unit: "channel",
      min: -1,
      max: 1023,
    }).optional(),
    mask_channel_idx: orNull(
      int("channel of the labels; as datasets.mask_channel_idx", {
        unit: "channel",
        min: -1,
        max: 1023,
      }),
    ),
    bbox_data_format: boxFormat(`how the catalogue writes boxes (${unused}: labels have them)`),
    bbox_output_format: boxFormat("how the model wants boxes"),
    normalize_bboxes: flag("true: boxes as parts of the image").optional(),
    materialize_binary_masks: flag("true: a binary mask for each object").optional(),
    semantic_classes: list("semantic_segmentation: names of the classes", text("class")).optional(),
    debug_savepath: orNull(text(`folder for pictures of the input (${unused})`)),
  }).refine((c) => c.percentile_low < c.percentile_high, {
    path: ["percentile_low"],
    error: "must be below percentile_high",
  }),
);
type Keys = z.infer<typeof PreprocessorConfig>;
/** What a preprocessor reads; what pretraining can do without may be left out. */
export interface PreprocessorConfig
  extends Pick<Keys, "normalize" | "percentile_low" | "percentile_high" | "eps" | "flip">,
    Partial<
      Pick<
        Keys,
        | "kind"
        | "with_masking"
        | "transforms_list"
        | "mode"
        | "ideal_psf_path"
        | "na_mask_thresholds"
        | "resize_na_masks"
        | "bbox_output_format"
        | "normalize_bboxes"
        | "materialize_binary_masks"
        | "semantic_classes"
      >
    > {}
