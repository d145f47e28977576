import { z } from "zod";
import { choice, flag, group, int, keys, list, number, orNull, text } from "../key.ts";
import { layout, shape } from "../layout.ts";
import {
  blocks,
  checkEncoder,
  dropout,
  encoderKeys,
  heads,
  inputKeys,
  width,
} from "./transformer-keys.ts";

const layers = (description: string) =>
  orNull(list(description, z.int().check(z.gte(0), z.lte(255))));
const modes = () =>
  int("numbers that the head puts out; 15 Zernike modes", { unit: "numbers", min: 1, max: 1e6 });

const MaskedEncoderConfig = group("a plain ViT that may leave tokens out", () =>
  keys({
    name: choice("which encoder", ["masked_vit"]).default("masked_vit"),
    ...inputKeys(),
    ...encoderKeys(),
    weight_init_type: choice("how weights are drawn", ["mae", "vjepa2"]).default("mae"),
    dtype: text("number type; as quantization").optional(),
  }).superRefine(checkEncoder),
);

const VitConfig = group("a vision transformer with a head", () =>
  keys({
    ...inputKeys(),
    embed_dim: width("width"),
    depth: blocks("transformer blocks"),
    num_heads: heads("attention heads"),
    mlp_ratio: number("MLP width over embed_dim", { unit: "ratio", above: 0, max: 64 }).default(4),
    global_pool: choice("how tokens become one vector", [
      "",
      "avg",
      "avgmax",
      "max",
      "token",
      "map",
    ]).default("avgmax"),
    modes: modes().default(15),
    proj_drop_rate: dropout("dropout after each projection").default(0),
    att_drop_rate: dropout("dropout of attention weights").default(0),
    drop_path_rate: dropout("probability that the last block is skipped").default(0.1),
    norm_layer: choice("normalisation", ["LayerNorm", "RmsNorm"]).default("LayerNorm"),
    act_layer: choice("activation of the MLP", ["GELU", "SiLU"]).default("GELU"),
    mlp_layer: choice("kind of MLP", ["Mlp", "SwiGLU"]).default("Mlp"),
    abs_sincos_enc: flag("add fixed sine and cosine positions").default(false),
    rope_pos_enc: flag("rotate queries and keys by position").default(true),
    rope_theta: number("base of the RoPE frequencies", { unit: "1", above: 0, max: 1e9 }).default(
      10,
    ),
  }),
);

const stages = (description: string) =>
  list(description, z.int().check(z.gte(1), z.lte(16384)), { min: 1, max: 8 });

const ConvNextConfig = group("ConvNeXt V2 in three dimensions", () =>
  keys({
    input_fmt: layout("axes of the input; follows dataset_layout_order"),
    input_shape: shape("size along input_fmt; follows datasets.input_shape"),
    depths: stages("blocks of each stage"),
    dims: stages("channels of each stage"),
    modes: modes().default(15),
    drop_path_rate: dropout("probability that the last block is skipped").default(0.1),
    head_init_scale: number("scale of the head's first weights", {
      unit: "1",
      min: 0,
      max: 1e3,
    }).default(1),
    return_stage_features: flag("true: the features of each stage are handed on").default(false),
  }).refine((c) => c.depths.length === c.dims.length, {
    path: ["dims"],
    error: "needs as many numbers as depths",
  }),
);

/** A backbone as a detector wants it: which of its blocks, and what is trained. */
export const BackboneWrapperConfig = group("a backbone as a detector wants it", () =>
  keys({
    name: choice("whose backbone", ["maskdino", "mask2former", "plain_detr"]).optional(),
    backbone_embed_dims: list("width of each feature map", width("width"), { max: 16 }),
    train_backbone: flag("true: the backbone is trained, too").default(true),
    use_layernorm: flag("true: feature maps are normalised").default(true),
    blocks_to_train: layers("blocks that are trained; null: all"),
    out_layers: layers("blocks whose features are handed on; null: the last"),
    adapter_out_layers: layers("the adapter's maps that are handed on; null: all"),
    backbone_args: z.unknown().describe("the backbone itself, by reference").optional(),
    backbone_output_format: choice("tokens, or maps", ["sequence", "feature"]).optional(),
    input_shape: shape("as datasets.input_shape").optional(),
    patch_shape: shape("as datasets.patch_shape").optional(),
    input_format: layout("as dataset_layout_order").optional(),
  }),
);

/** Config group `models/backbones`: what turns voxels into features. */
export const BackbonesConfig = group("what turns voxels into features", () =>
  keys({
    masked_encoder: MaskedEncoderConfig.optional(),
    vit: VitConfig.optional(),
    convnext: ConvNextConfig.optional(),
    maskdino_backbone: BackboneWrapperConfig.optional(),
    mask2former_backbone: BackboneWrapperConfig.optional(),
    plain_detr_backbone: BackboneWrapperConfig.optional(),
    mae: z
      .unknown()
      .describe("a masked autoencoder by reference, as fine-tuning wants it")
      .optional(),
    jepa: z.unknown().describe("a JEPA by reference, as fine-tuning wants it").optional(),
  }),
);
