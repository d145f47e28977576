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
  number,
  orNull,
  text,
  unused,
} from "./key.ts";
import { layout, range } from "./layout.ts";

const size = () => z.int().check(z.gte(1), z.lte(65536));
const sizes = () => z.tuple([size(), size(), size()]).readonly();
const fixed = (description: string) => {
  const schema = sizes();
  z.globalRegistry.add(schema, { description, unit: "voxels" });
  return schema;
};
const fixedOrRange = (description: string) => {
  const schema = z.union([
    sizes(),
    z
      .tuple([sizes(), sizes()])
      .refine(([low, high]) => low.every((side, a) => side <= (high[a] ?? 0)), {
        error: "the first size must not be above the second along any axis",
      })
      .readonly(),
  ]);
  z.globalRegistry.add(schema, { description, unit: "voxels" });
  return schema;
};
/** One number, or the two ends that it is drawn from for each sample. */
const drawn = (
  description: string,
  { unit, min, max }: { readonly unit: string; readonly min?: number; readonly max?: number },
) => {
  const bounds = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  const schema = z.union([
    number(description, { unit, ...bounds }),
    range(description, { unit, ...bounds }),
  ]);
  z.globalRegistry.add(schema, { description: `${description}; or its range`, unit });
  return schema;
};
const boxFormat = () =>
  choice(`how boxes are written (${unused}: boxes know it)`, ["zyxzyx", "xyzxyz", "cxcyczwhd"]);
const dtype = () => text(`number type of the result (${unused}: float32)`).optional();
const percent = (description: string) => number(description, { unit: "percent", min: 0, max: 100 });

const Normalize = () =>
  keys({
    kind: z.literal("normalize").describe("each sample and channel to one scale"),
    method: choice("zscore: to mean 0 and deviation 1; percentile: two percentiles to 0 and 1", [
      "zscore",
      "percentile",
    ]).default("zscore"),
    percentile_low: percent("percentile: the one that becomes 0").default(1),
    percentile_high: percent("percentile: the one that becomes 1").default(99.8),
    input_layout: layout("axes; as dataset_layout_order").optional(),
    eps: number("floor of the standard deviation, or of the range between percentiles", {
      unit: "counts",
      above: 0,
      max: 1e6,
    }).default(1e-4),
  });

const Resize = () =>
  keys({
    kind: z.literal("resize").describe("to another number of voxels"),
    input_format: layout("axes; as dataset_layout_order").optional(),
    target_spatial_shape: fixedOrRange(
      "size along Z, Y, X; or the smallest and the largest, drawn for each batch",
    ),
    mode: choice("interpolation of images; labels take the nearest voxel", [
      "trilinear",
      "nearest",
      "area",
    ]).default("trilinear"),
    align_corners: flag("true: corner voxels keep their place").default(false),
    dtype: dtype(),
    bbox_format: boxFormat().optional(),
    crop_to_valid: flag("true: padding is cut away first").default(true),
    crop_to_meta_spatial: flag("an older name of crop_to_valid").optional(),
    boxes_normalized: flag(`true: boxes are parts of the image (${unused}: boxes know it)`).default(
      false,
    ),
  });

const Crop = () =>
  keys({
    kind: z.literal("crop").describe("a part of each sample, at a place of its own"),
    target_spatial_shape: fixed("size along Z, Y, X"),
    crop_dims: choice("axes that are cropped; along the others the target is the sample's size", [
      "YX",
      "ZYX",
    ]).default("YX"),
    crop_type: choice("where the crop lies", ["random", "center", "start"]).default("random"),
    mode_probs: mapOf(
      "probability of crop (just the target's voxels) and crop_resize (a part of a drawn size, resized)",
      fraction("probability"),
    )
      .refine((probs) => Object.keys(probs).every((name) => /^crop(_resize)?$/.test(name)), {
        error: "the modes are crop and crop_resize",
      })
      .refine((probs) => isWhole(Object.values(probs)), {
        error: "the probabilities must sum to 1",
      })
      .optional(),
    resize_scale: range("crop_resize: sides of the part over the sample's", {
      unit: "fraction",
      min: 0,
      max: 1,
    }).prefault([0.5, 1]),
    bbox_format: boxFormat().optional(),
    boxes_normalized: flag(`true: boxes are parts of the image (${unused}: boxes know it)`).default(
      false,
    ),
    dtype: dtype(),
    resize_mode: choice("interpolation where something is resized", [
      "trilinear",
      "nearest",
    ]).optional(),
    align_corners: flag("true: corner voxels keep their place").default(false),
    seed: int(`of the places (${unused}: they follow from the run's seed)`, {
      unit: "seed",
      min: 0,
    }).optional(),
  });

const isWhole = (probs: readonly number[]) =>
  Math.abs(probs.reduce((sum, probability) => sum + probability, 0) - 1) <= 1e-6;

const Flip = () =>
  keys({
    kind: z.literal("flip").describe("mirrored along each of the axes, or not"),
    axes: list("axes", z.enum(["T", "Z", "Y", "X"]), { min: 1, max: 4 }).prefault(["Z", "Y", "X"]),
    probability: fraction("probability for each axis").default(0.5),
  });

const Rotate90 = () =>
  keys({
    kind: z.literal("rotate90").describe("turned by multiples of 90 degrees"),
    planes: list("planes; where their sides differ, by 180 degrees", z.enum(["ZY", "ZX", "YX"]), {
      min: 1,
      max: 3,
    }).prefault(["YX"]),
  });

const Intensity = () =>
  keys({
    kind: z.literal("intensity").describe("each sample and channel brighter or darker"),
    factor: range("what it is multiplied by", { unit: "ratio", min: 0, max: 1e6 }).prefault([
      0.8, 1.2,
    ]),
    offset: range("what is added then, in the image's unit", {
      unit: "counts",
      min: -65535,
      max: 65535,
    }).prefault([0, 0]),
  });

const GaussianNoise = () =>
  keys({
    kind: z.literal("gaussian_noise").describe("normal noise, in the image's unit"),
    sigma: drawn("standard deviation", { unit: "counts", min: 0, max: 65535 }).default(0.1),
  });

const ChannelDropout = () =>
  keys({
    kind: z.literal("channel_dropout").describe("channels become 0, never all of a sample"),
    probability: fraction("probability for each channel", { below: 1 }).default(0.1),
  });

const pixel = (description: string) => {
  const edge = z.number().check(z.gt(0), z.lte(1e4));
  const schema = z.tuple([edge, edge, edge]).readonly();
  z.globalRegistry.add(schema, { description, unit: "micrometres" });
  return schema;
};

const ConvolvePsf = () =>
  keys({
    kind: z.literal("convolve_psf").describe("blurred by a point spread function"),
    psf: text("TIFF or NumPy file of the point spread function"),
    pad_type: choice("what lies beyond the border: the image's mirror image, or nothing", [
      "reflect",
      "zero",
    ]).default("reflect"),
    input_pixel_size_um: pixel("edges of the image's voxels along Z, Y, X"),
    psf_pixel_size_um: pixel("edges of the PSF's voxels along Z, Y, X"),
    psf_centered: z.literal(true).describe("its peak is in the middle").default(true),
    input_format: layout("axes; as dataset_layout_order").optional(),
    input_shape: list(`${unused}: the image has its own`, z.int(), { max: 6 }).optional(),
    psf_format: z.literal("ZYX").describe("axes of the PSF").default("ZYX"),
    visualization_dir: orNull(text(`folder for pictures (${unused})`)),
  });

const Noise = () =>
  keys({
    kind: z.literal("noise").describe("a camera's noise: photons, electrons, read-out"),
    quantum_efficiency: drawn("electrons a photon", { unit: "fraction", min: 0, max: 1 }).default(
      0.82,
    ),
    electrons_per_count: drawn("electrons a count", {
      unit: "electrons",
      min: 1e-6,
      max: 1e6,
    }).default(0.22),
    sigma_background_noise: drawn("read noise", { unit: "counts", min: 0, max: 65535 }).default(40),
    mean_background_offset: drawn("offset", { unit: "counts", min: 0, max: 65535 }).default(100),
    photon_scale: drawn("photons a count of the input", {
      unit: "photons",
      min: 1e-6,
      max: 1e6,
    }).default(1),
    seed: orNull(
      int(`of the noise (${unused}: it follows from the run's seed)`, { unit: "seed", min: 0 }),
    ),
  });

const ProbabilisticChoice = () =>
  keys({
    kind: z.literal("probabilistic_choice").describe("just one of several transforms"),
    transforms: list("to choose from", OneTransform, { min: 1, max: 64 }),
    probs: list("probability of each; their sum is 1", fraction("probability"), {
      min: 1,
      max: 64,
    }),
  })
    .refine(({ transforms, probs }) => transforms.length === probs.length, {
      path: ["probs"],
      error: "needs one probability for each transform",
    })
    .refine(({ probs }) => isWhole(probs), { path: ["probs"], error: "must sum to 1" });

/** Any of them; its type is given, since a choice of transforms is one itself. */
const OneTransform: z.ZodType<TransformConfig> = z.lazy(() => Transform);

/** One transform of a preprocessor or collator, by its kind. */
export const Transform = z.lazy(() =>
  z.discriminatedUnion("kind", [
    Normalize(),
    Resize(),
    Crop(),
    Flip(),
    Rotate90(),
    Intensity(),
    Noise(),
    GaussianNoise(),
    ChannelDropout(),
    ConvolvePsf(),
    ProbabilisticChoice(),
  ]),
);

type Plain =
  | ReturnType<typeof Normalize>
  | ReturnType<typeof Resize>
  | ReturnType<typeof Crop>
  | ReturnType<typeof Flip>
  | ReturnType<typeof Rotate90>
  | ReturnType<typeof Intensity>
  | ReturnType<typeof Noise>
  | ReturnType<typeof GaussianNoise>
  | ReturnType<typeof ChannelDropout>
  | ReturnType<typeof ConvolvePsf>;

/** One transform, checked; a choice among transforms holds others. */
export type TransformConfig =
  | z.infer<Plain>
  | {
      readonly kind: "probabilistic_choice";
      readonly transforms: readonly TransformConfig[];
      readonly probs: readonly number[];
    };

/** Config group `datasets/transforms`: transforms before those of the preprocessor, on the CPU. */
export const TransformsConfig = group(
  "what is done to a batch on the CPU, before it goes to the device and the preprocessor",
  () =>
    keys({
      transforms_list: list("transforms, in their order; not normalize", Transform, { max: 64 })
        .prefault([])
        .refine((list) => !list.some(normalizes), {
          error:
            "samples are normalised once, by datasets.preprocessor: errors are told in its units",
        }),
    }),
);

function normalizes(transform: TransformConfig): boolean {
  if (transform.kind === "probabilistic_choice") return transform.transforms.some(normalizes);
  return transform.kind === "normalize";
}
