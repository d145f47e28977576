import { z } from "zod";
import { Layout, Shape } from "./layout.ts";

const rate = z.number().min(0).lt(1);

/** Config group `models/meta_arch/mae`: the masked autoencoder; its sizes are the group's options. */
export const MaeConfig = z
  .strictObject({
    input_fmt: Layout.describe("axes of the input; follows dataset_layout_order"),
    input_shape: Shape.describe("size along input_fmt; follows datasets.input_shape"),
    patch_shape: Shape.describe("voxels in a patch; follows datasets.patch_shape"),
    embed_dim: z.int().positive().max(16384).describe("width of the encoder, in channels"),
    depth: z.int().positive().max(256).describe("transformer blocks in the encoder"),
    num_heads: z.int().positive().max(256).describe("attention heads in the encoder"),
    mlp_ratio: z.number().positive().max(64).default(4).describe("MLP width over embed_dim"),
    decoder_embed_dim: z.int().positive().max(16384).describe("width of the predictor"),
    decoder_depth: z.int().positive().max(256).describe("transformer blocks in the predictor"),
    decoder_num_heads: z.int().positive().max(256).describe("attention heads in the predictor"),
    proj_drop_rate: rate.default(0).describe("dropout after each projection, as a probability"),
    att_drop_rate: rate.default(0).describe("dropout of attention weights, as a probability"),
    drop_path_rate: rate.default(0.1).describe("probability that the last block is skipped"),
    fixed_dropout_depth: z
      .boolean()
      .default(false)
      .describe("true: every block has drop_path_rate; false: it grows linearly with depth"),
    init_std: z.number().positive().max(1).default(0.02).describe("deviation of token parameters"),
    norm_layer: z.enum(["RmsNorm", "LayerNorm"]).default("RmsNorm").describe("normalisation"),
    act_layer: z.enum(["SiLU", "GELU"]).default("SiLU").describe("activation of the MLP"),
    mlp_layer: z.enum(["SwiGLU", "Mlp"]).default("SwiGLU").describe("kind of MLP"),
    mlp_wide_silu: z
      .boolean()
      .default(false)
      .describe("SwiGLU: hidden width is 2/3, rounded up to a multiple of 8"),
    qk_norm: z.boolean().default(false).describe("normalise queries and keys of each head"),
    abs_sincos_enc: z.boolean().default(false).describe("add fixed sine and cosine positions"),
    rope_pos_enc: z.boolean().default(true).describe("rotate queries and keys by position"),
    rope_type: z
      .enum(["axial", "mixed"])
      .default("axial")
      .describe("axial: fixed frequencies per axis; mixed: learnt frequencies over all axes"),
    rope_theta: z.number().positive().default(10).describe("base of the RoPE frequencies"),
    rope_random_rotation_per_head: z
      .boolean()
      .default(true)
      .describe("mixed: each head starts from its own random axes"),
    weight_init_type: z.enum(["mae"]).default("mae").describe("how weights are drawn"),
    loss_fn: z.enum(["l2_masked"]).default("l2_masked").describe("loss over hidden patches"),
    norm_targets: z
      .boolean()
      .default(false)
      .describe("true: each target patch has mean 0 and variance 1 (He et al. 2022, section 4.1)"),
  })
  .refine((c) => c.embed_dim % c.num_heads === 0, {
    path: ["num_heads"],
    error: "must divide embed_dim, so that every head has the same width",
  })
  .refine((c) => c.decoder_embed_dim % c.decoder_num_heads === 0, {
    path: ["decoder_num_heads"],
    error: "must divide decoder_embed_dim, so that every head has the same width",
  })
  .readonly();
export type MaeConfig = z.infer<typeof MaeConfig>;
