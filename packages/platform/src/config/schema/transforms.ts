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
} from "./key.ts";
import { layout } from "./layout.ts";

const size = () => z.int().check(z.gte(1), z.lte(65536));
const spatial = (description: string) => {
  const schema = z.union([
    z.tuple([size(), size(), size()]).readonly(),
    z.tuple([z.tuple([size(), size(), size()]), z.tuple([size(), size(), size()])]).readonly(),
  ]);
  z.globalRegistry.add(schema, { description, unit: "voxels" });
  return schema;
};
const boxFormat = () => choice("how boxes are written", ["zyxzyx", "xyzxyz", "cxcyczwhd"]);
const dtype = () => text("number type of the result").optional();

const Normalize = () =>
  keys({
    kind: z.literal("normalize").describe("to mean 0 and deviation 1, each sample and channel"),
    input_layout: layout("axes; as dataset_layout_order").optional(),
    eps: number("floor of the standard deviation", { unit: "counts", above: 0, max: 1e6 }).default(
      1e-4,
    ),
  });

const Resize = () =>
  keys({
    kind: z.literal("resize").describe("to another number of voxels"),
    input_format: layout("axes; as dataset_layout_order").optional(),
    target_spatial_shape: spatial("size along Z, Y, X; or the smallest and the largest"),
    mode: choice("interpolation", ["trilinear", "nearest", "area"]).default("trilinear"),
    align_corners: flag("true: corner voxels keep their place").default(false),
    dtype: dtype(),
    bbox_format: boxFormat().optional(),
    crop_to_valid: flag("true: padding is cut away first").default(true),
    crop_to_meta_spatial: flag("an older name of crop_to_valid").optional(),
    boxes_normalized: flag("true: boxes are parts of the image").default(false),
  });

const Crop = () =>
  keys({
    kind: z.literal("crop").describe("a part of each sample"),
    target_spatial_shape: spatial("size along Z, Y, X"),
    crop_dims: text("axes that are cropped").default("YX"),
    crop_type: choice("where the crop lies", ["random", "center", "start"]).default("random"),
    mode_probs: mapOf("probability of each mode", fraction("probability")).optional(),
    bbox_format: boxFormat().optional(),
    boxes_normalized: flag("true: boxes are parts of the image").default(false),
    dtype: dtype(),
    resize_mode: choice("how a sample is resized that is too small", [
      "trilinear",
      "nearest",
    ]).optional(),
    align_corners: flag("true: corner voxels keep their place").default(false),
    seed: int("of the places", { unit: "seed", min: 0 }).optional(),
  });

const Noise = () =>
  keys({
    kind: z.literal("noise").describe("a camera's noise: photons, electrons, read-out"),
    quantum_efficiency: fraction("electrons a photon").default(0.82),
    electrons_per_count: number("electrons a count", {
      unit: "electrons",
      above: 0,
      max: 1e6,
    }).default(0.22),
    sigma_background_noise: number("read noise", { unit: "counts", min: 0, max: 65535 }).default(
      40,
    ),
    mean_background_offset: number("offset", { unit: "counts", min: 0, max: 65535 }).default(100),
    photon_scale: number("photons a count of the input", {
      unit: "photons",
      above: 0,
      max: 1e6,
    }).default(1),
    seed: orNull(int("of the noise", { unit: "seed", min: 0 })),
  });

const ProbabilisticChoice = () =>
  keys({
    kind: z.literal("probabilistic_choice").describe("just one of several transforms"),
    transforms: list("to choose from", OneTransform, { min: 1, max: 64 }),
    probs: list("probability of each; their sum is 1", fraction("probability"), {
      min: 1,
      max: 64,
    }),
  });

/** Any of them; its type is given, since a choice of transforms is one itself. */
const OneTransform: z.ZodType<{ readonly kind: string }> = z.lazy(() => Transform);

/** One transform of a preprocessor or collator, by its kind. */
export const Transform = z.lazy(() =>
  z.discriminatedUnion("kind", [Normalize(), Resize(), Crop(), Noise(), ProbabilisticChoice()]),
);

/** Config group `datasets/transforms`: transforms while samples are collated. */
export const TransformsConfig = group("transforms while samples are collated, on the CPU", () =>
  keys({
    transforms_list: list("in their order", Transform, { max: 64 }).prefault([]),
  }),
);
