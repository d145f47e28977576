import { z } from "zod";
import { choice, flag, fraction, group, int, keys, list, number } from "../key.ts";
import { layout, shape } from "../layout.ts";
import { dropout, heads, width } from "./transformer-keys.ts";

const strides = (description: string) =>
  list(description, z.int().check(z.gte(1), z.lte(64)), { min: 3, max: 3 });

const shared = () => ({
  input_format: layout("axes of the input; follows dataset_layout_order").optional(),
  input_shape: shape("size along input_format; follows datasets.input_shape").optional(),
  patch_shape: shape("voxels in a patch; follows datasets.patch_shape").optional(),
  backbone_embed_dim: width("width of the backbone"),
});

/** Config group `models/adapters`: what makes a pyramid of maps out of a plain ViT. */
export const AdaptersConfig = group("what makes a pyramid of maps out of a plain ViT", () =>
  keys({
    name: choice("which adapter", ["vit_adapter", "vit_det"]),
    ...shared(),
    out_channels: width("vit_det: channels of each map").optional(),
    scale_factors: list(
      "vit_det: size of each map over the backbone's",
      z.number().check(z.gt(0), z.lte(64)),
      { min: 1, max: 16 },
    ).optional(),
    norm: choice("vit_det: normalisation", ["LayerNorm"]).optional(),
    square_pad: int("vit_det: padding", { unit: "voxels", min: 0, max: 0 }).optional(),
    input_channels: int("vit_adapter: channels of the input", {
      unit: "channels",
      min: 1,
      max: 1024,
    }).optional(),
    dtype: choice("number type; as quantization", ["float32", "bfloat16", "float16"]).optional(),
    dim: int("vit_adapter: axes of space", { unit: "axes", min: 2, max: 3 }).optional(),
    num_backbone_features: int("vit_adapter: maps of the backbone", {
      unit: "maps",
      min: 1,
      max: 16,
    }).optional(),
    add_vit_feature: flag("vit_adapter: the backbone's maps are added").optional(),
    conv_inplane: width("vit_adapter: channels of the stem").optional(),
    use_deform_attention: flag("vit_adapter: deformable attention").optional(),
    n_points: int("vit_adapter: points a query looks at", {
      unit: "points",
      min: 1,
      max: 64,
    }).optional(),
    n_levels: int("vit_adapter: maps a query looks at", {
      unit: "maps",
      min: 1,
      max: 16,
    }).optional(),
    deform_num_heads: heads("vit_adapter: heads of deformable attention").optional(),
    drop_path_rate: dropout("vit_adapter: probability that an extractor is skipped").optional(),
    init_values: number("vit_adapter: first scale of what is added", {
      unit: "1",
      min: 0,
      max: 10,
    }).optional(),
    with_cffn: flag("vit_adapter: a convolutional MLP after each extractor").optional(),
    cffn_ratio: number("vit_adapter: its width over the backbone's", {
      unit: "ratio",
      above: 0,
      max: 64,
    }).optional(),
    deform_ratio: fraction("vit_adapter: width of deformable attention over the backbone's", {
      above: 0,
    }).optional(),
    use_extra_extractor: flag("vit_adapter: two more extractors in the last block").optional(),
    strategy: choice("vit_adapter: positions of tokens", ["axial"]).optional(),
    spatial_prior_module_strides: group("vit_adapter: strides of the stem along Z, Y, X", () =>
      keys({
        stem1: strides("first convolution"),
        stem2: strides("second convolution"),
        stem3: strides("third convolution"),
        maxpool: int("pooling", { unit: "voxels", min: 1, max: 64 }),
        stage2: strides("second stage"),
        stage3: strides("third stage"),
        stage4: strides("fourth stage"),
      }),
    ).optional(),
  }),
);
