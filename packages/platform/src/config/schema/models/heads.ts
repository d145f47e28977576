import { z } from "zod";
import { choice, flag, group, int, keys, list, number, orNull, text } from "../key.ts";
import { layout, shape } from "../layout.ts";
import { blocks, dropout, encoderKeys, heads, width } from "./transformer-keys.ts";

const classes = () =>
  int("classes, without the background", { unit: "classes", min: 1, max: 65536 });
const queries = () => int("objects at most", { unit: "queries", min: 1, max: 1e6 });
const levels = (description: string) => int(description, { unit: "maps", min: 1, max: 16 });
const stride = (description: string) => int(description, { unit: "voxels", min: 1, max: 1024 });
const dtype = () =>
  choice("number type; as quantization", ["float32", "bfloat16", "float16"]).optional();

const PixelDecoderConfig = group("from feature maps to features of pixels", () =>
  keys({
    input_shape_metadata: z
      .record(
        z.string(),
        keys({ channels: width("channels"), stride: stride("voxels between neighbours") }),
      )
      .describe("channels and stride of each map of the backbone, by its name"),
    transformer_in_features: list("maps that the encoder reads, by name", text("name"), { min: 1 }),
    target_min_stride: orNull(stride("stride of the finest map that is made")),
    total_num_feature_levels: levels("maps that the decoder reads"),
    transformer_encoder_dropout: dropout("dropout").default(0.1),
    transformer_encoder_num_heads: heads("attention heads").default(8),
    transformer_encoder_dim_feedforward: width("width of the MLP").default(1024),
    num_transformer_encoder_layers: blocks("layers").optional(),
    transformer_encoder_layers: blocks("mask2former: layers").optional(),
    conv_dim: width("channels between the convolutions"),
    mask_dim: width("channels of a pixel's features"),
    norm: orNull(choice("normalisation", ["LayerNorm", "GroupNorm"])),
    dtype: dtype(),
    use_deform_attention: flag("true: deformable attention").default(false),
  }),
);

const MaskDinoDecoderConfig = group("MaskDINO's decoder", () =>
  keys({
    in_channels: width("channels of the maps"),
    num_classes: classes(),
    hidden_dim: width("width; a multiple of 3"),
    num_queries: queries().default(200),
    feedforward_dim: width("width of the MLP").default(2048),
    decoder_num_layers: blocks("layers").default(4),
    mask_dim: width("channels of a pixel's features"),
    enforce_input_projection: flag("true: maps are projected even if they fit").default(true),
    two_stage_flag: flag("true: queries are chosen from the encoder's tokens").default(true),
    denoise_queries_flag: flag("true: noised ground truth trains beside the queries").default(
      false,
    ),
    noise_scale: number("how much it is noised", { unit: "ratio", min: 0, max: 10 }).default(0.4),
    total_denosing_queries: orNull(
      int("noised objects; spelled as in the reference platform", {
        unit: "queries",
        min: 1,
        max: 1e6,
      }),
    ),
    initialize_box_type: orNull(choice("first boxes; null: learnt", ["mask2box", "bitmask"])),
    with_initial_prediction: flag("true: the first queries are judged, too").default(true),
    learn_query_embeddings: flag("true: queries are learnt").default(false),
    total_num_feature_levels: levels("maps").default(1),
    dropout: dropout("dropout").default(0.1),
    activation: choice("activation", ["RELU", "GELU", "relu", "gelu"]).default("RELU"),
    num_heads: heads("attention heads").default(8),
    decoder_num_points: int("points a query looks at", { unit: "points", min: 1, max: 64 }).default(
      4,
    ),
    return_intermediates_decoder: flag("true: every layer is judged").default(true),
    query_dim: int("numbers of a box", { unit: "numbers", min: 6, max: 6 }).default(6),
    share_decoder_layers: flag("true: all layers have the same weights").default(false),
    dtype: dtype(),
    use_deform_attention: flag("true: deformable attention").default(false),
  }).refine((c) => c.hidden_dim % 3 === 0, {
    path: ["hidden_dim"],
    error: "must be a multiple of 3, one part for each axis of a position",
  }),
);

const Mask2FormerDecoderConfig = group("Mask2Former's decoder", () =>
  keys({
    input_dim: int("axes of space", { unit: "axes", min: 2, max: 3 }).default(3),
    in_channels: width("channels of the maps"),
    mask_classification: flag("true: each mask has a class").default(true),
    num_classes: classes(),
    hidden_dim: width("width").default(256),
    num_queries: queries().default(100),
    decoder_nheads: heads("attention heads").default(8),
    dim_feedforward: width("width of the MLP").default(2048),
    decoder_num_layers: blocks("layers").default(9),
    decoder_pre_norm: flag("true: normalised before each part of a layer").default(false),
    mask_dim: width("channels of a pixel's features"),
    enforce_input_project: flag("true: maps are projected even if they fit").default(false),
    num_feature_levels: levels("maps").default(1),
  }),
);

export const PlainDetrTransformerConfig = group("plainDETR's transformer", () =>
  keys({
    d_model: width("width").default(384),
    nheads: heads("attention heads").default(8),
    num_feature_levels: levels("maps").default(1),
    two_stage: flag("true: queries are chosen from the encoder's tokens").default(true),
    norm_type: choice("where a layer normalises", ["pre_norm", "post_norm"]).default("pre_norm"),
    decoder_type: choice("kind of decoder", ["global_rpe_decomp"]).default("global_rpe_decomp"),
    proposal_feature_levels: levels("maps with proposals").default(1),
    proposal_in_stride: stride("stride of the backbone's map").default(16),
    proposal_tgt_strides: list("stride of each map with proposals", z.int().check(z.gte(1)), {
      min: 1,
      max: 16,
    }),
    proposal_min_size: number("edge of the smallest proposal", {
      unit: "voxels",
      above: 0,
      max: 65536,
    }).default(50),
    add_transformer_encoder: flag("true: an encoder comes first").default(true),
    num_encoder_layers: blocks("layers of the encoder").default(6),
    dim_feedforward: width("width of the MLP").default(2048),
    dropout: dropout("dropout").default(0),
    activation: choice("activation", ["relu", "gelu"]).default("relu"),
    normalize_before: flag("true: normalised before each part of a layer").default(true),
    global_decoder_args: group("of the decoder", () =>
      keys({
        hidden_dim: width("width"),
        dropout: dropout("dropout").default(0),
        proposal_in_stride: stride("stride of the backbone's map").default(16),
        norm_type: choice("where a layer normalises", ["pre_norm", "post_norm"]).default(
          "pre_norm",
        ),
        dim_feedforward: width("width of the MLP").default(2048),
        num_heads: heads("attention heads of cross-attention").default(8),
        nheads: heads("attention heads of self-attention").default(8),
        qkv_bias: flag("true: projections have a bias").default(true),
        qk_scale: orNull(
          number("scale of attention; null: by width", {
            unit: "1",
            above: 0,
            max: 1e3,
          }),
        ),
        attn_drop: dropout("dropout of attention weights").default(0),
        proj_drop: dropout("dropout after the projection").default(0),
        dec_layers: blocks("layers").default(6),
        look_forward_twice: flag("true: a layer learns from the next one's boxes").default(true),
        rpe_hidden_dim: width("width of the MLP of positions").default(512),
        rpe_type: choice("distances to a box", ["linear", "abs_log8"]).default("linear"),
        reparam: flag("true: boxes are changes of boxes").default(true),
      }),
    ),
  }),
);

const LinearHeadConfig = group("layers of Linear and GELU, as DINO's head", () =>
  keys({
    name: choice("which head", ["linear", "linear_probe"]).default("linear"),
    type: text("as name").optional(),
    in_dim: orNull(width("channels in; null: the backbone's")),
    output_dim: orNull(width("channels out; null: a patch's voxels")),
    use_bn: flag("true: batch normalisation").default(false),
    nlayers: int("layers", { unit: "layers", min: 1, max: 64 }).default(3),
    hidden_dim: width("width").default(2048),
    bottleneck_dim: width("width before the last layer").default(256),
    mlp_bias: flag("true: layers have a bias").default(true),
  }),
);

const MaskedPredictorConfig = group("the predictor of a masked autoencoder", () =>
  keys({
    ...encoderKeys(),
    input_fmt: layout("axes; follows dataset_layout_order").optional(),
    input_shape: shape("size; follows datasets.input_shape").optional(),
    patch_shape: shape("voxels in a patch; follows datasets.patch_shape").optional(),
    input_embed_dim: width("channels of the tokens that come in").optional(),
    output_embed_dim: width("channels that go out").optional(),
    channels_out: int("channels of the image that goes out", {
      unit: "channels",
      min: 1,
      max: 1024,
    }).optional(),
    weight_init_type: choice("how weights are drawn", ["mae", "vjepa2"]).default("mae"),
  }),
);

const DenseHeadConfig = group("DPT: from tokens of four blocks to an image", () =>
  keys({
    input_channels: width("channels of the tokens"),
    output_channels: int("channels of the image", { unit: "channels", min: 1, max: 1024 }),
    input_format: layout("axes; follows dataset_layout_order").optional(),
    input_shape: shape("size; follows datasets.input_shape").optional(),
    patch_shape: shape("voxels in a patch; follows datasets.patch_shape").optional(),
    features: width("channels between the convolutions").default(256),
    use_bn: flag("true: batch normalisation").default(false),
    feature_map_channels: list("channels of each map", width("channels"), {
      min: 4,
      max: 4,
    }).optional(),
  }),
);

/** Config group `models/heads`: what turns features into an answer. */
export const HeadsConfig = group("what turns features into an answer", () =>
  keys({
    pixel_decoder: PixelDecoderConfig.optional(),
    maskdino_decoder: MaskDinoDecoderConfig.optional(),
    mask2former_decoder: Mask2FormerDecoderConfig.optional(),
    plain_detr_transformer: PlainDetrTransformerConfig.optional(),
    linear: LinearHeadConfig.optional(),
    maskedpredictor: MaskedPredictorConfig.optional(),
    dense_predictor_head: DenseHeadConfig.optional(),
  }),
);
