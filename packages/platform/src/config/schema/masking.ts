import { z } from "zod";
import { choice, flag, fraction, group, int, keys, list, orNull, text } from "./key.ts";
import { layout, orRange, range, shape } from "./layout.ts";

const maskKeys = () => ({
  mask_mode: choice(
    "RANDOM: single tokens (MAE), SPACE_ONLY at all times alike; BLOCKED: boxes of tokens (V-JEPA), TIME_ONLY through all of space, SPACE_ONLY through all of time, PATTERNED frames as listed, WITH_RANDOM_FILL boxes and single tokens",
    [
      "RANDOM",
      "RANDOM_SPACE_ONLY",
      "BLOCKED",
      "BLOCKED_TIME_ONLY",
      "BLOCKED_SPACE_ONLY",
      "BLOCKED_PATTERNED",
      "BLOCKED_WITH_RANDOM_FILL",
    ],
  ).default("RANDOM"),
  random_masking_ratio: fraction("RANDOM and RANDOM_FILL: part of the tokens that is hidden", {
    above: 0,
    below: 1,
  }).default(0.75),
  num_blocks: int("BLOCKED: boxes drawn for each sample", {
    unit: "boxes",
    min: 1,
    max: 64,
  }).default(2),
  lateral_mask_scale: orRange(
    "BLOCKED: area of a box, as a part of the tokens in Y and X; or its range; TIME_ONLY: all",
  ).default(0.5),
  axial_mask_scale: orRange(
    "BLOCKED: depth of a box, as a part of the tokens in Z; or its range; TIME_ONLY: all",
  ).default(0.5),
  temporal_mask_scale: orRange(
    "BLOCKED: length of a box, as a part of the tokens in T; or its range; SPACE_ONLY: all",
  ).prefault([0.5, 1]),
  aspect_ratio_scale_hw: range("BLOCKED: range of a box's height over its width", {
    unit: "ratio",
    min: 1e-3,
  }).prefault([0.75, 1.5]),
  channels_to_mask: orNull(
    list("channels that are hidden as a whole; null: none", z.int().check(z.gte(0))),
  ),
  time_downsample_pattern: orNull(
    list(
      "BLOCKED_PATTERNED: 1 hides a frame of tokens, 0 shows it; repeated over T",
      z.literal([0, 1]),
    ),
  ),
});

/** One of the reference platform's `mask_generators`: the same keys, and what it knows already. */
const MaskGeneratorConfig = group("a mask generator, as the reference platform lists it", () =>
  keys({
    kind: choice("what kind of generator", ["mask_generator"]).default("mask_generator"),
    ...ownMaskKeys(),
    layout: layout("axes; as dataset_layout_order").optional(),
    input_format: layout("axes; as dataset_layout_order").optional(),
    input_shape: shape("size of a hypercube; as datasets.input_shape").optional(),
    patch_shape: shape("voxels in a patch; as datasets.patch_shape").optional(),
    batch_size: int("samples of a batch", { unit: "samples", min: 1, max: 2 ** 20 }).optional(),
    device: text("where masks are drawn").optional(),
    skip_patch_mask_generation: flag("true: no mask of patches").default(false),
  }),
);

/** Without their defaults: what a generator does not say, the keys beside the list say. */
function ownMaskKeys() {
  const keys = maskKeys();
  return {
    mask_mode: keys.mask_mode.removeDefault().optional(),
    random_masking_ratio: keys.random_masking_ratio.removeDefault().optional(),
    num_blocks: keys.num_blocks.removeDefault().optional(),
    lateral_mask_scale: keys.lateral_mask_scale.removeDefault().optional(),
    axial_mask_scale: keys.axial_mask_scale.removeDefault().optional(),
    temporal_mask_scale: keys.temporal_mask_scale.unwrap().optional(),
    aspect_ratio_scale_hw: keys.aspect_ratio_scale_hw.unwrap().optional(),
    channels_to_mask: keys.channels_to_mask,
    time_downsample_pattern: keys.time_downsample_pattern,
  };
}

/** Config group `datasets/masking`: which tokens are hidden from the encoder. */
export const MaskingConfig = group("which tokens are hidden from the encoder", () =>
  keys({
    ...maskKeys(),
    mask_generators: list(
      "the reference platform's way to write the keys above: a list of one generator",
      MaskGeneratorConfig,
      { max: 8 },
    ).optional(),
  }),
);
type Keys = z.infer<typeof MaskingConfig>;
type Optional = "channels_to_mask" | "time_downsample_pattern";
/** What a mask generator reads. */
export interface MaskingConfig
  extends Omit<Keys, "mask_generators" | Optional>,
    Partial<Pick<Keys, Optional>> {}
