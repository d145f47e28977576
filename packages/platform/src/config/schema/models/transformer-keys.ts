import { z } from "zod";
import { choice, flag, int, list, number, orNull } from "../key.ts";
import { layout, shape } from "../layout.ts";

const rate = (description: string) =>
  number(description, { unit: "probability", min: 0, below: 1 });

export const width = (description: string) =>
  int(description, { unit: "channels", min: 1, max: 16384 });
export const blocks = (description: string) =>
  int(description, { unit: "blocks", min: 1, max: 256 });
export const heads = (description: string) => int(description, { unit: "heads", min: 1, max: 256 });
export const dropout = rate;

/** What every model that reads patches says of its input. */
export const inputKeys = () => ({
  input_fmt: layout("axes of the input; follows dataset_layout_order"),
  input_shape: shape("size along input_fmt; follows datasets.input_shape"),
  patch_shape: shape("voxels in a patch; follows datasets.patch_shape"),
});

/** The transformer encoder that the masked autoencoder, JEPA and the masked encoder have alike. */
export const encoderKeys = () => ({
  embed_dim: width("width of the encoder"),
  depth: blocks("transformer blocks in the encoder"),
  num_heads: heads("attention heads in the encoder"),
  mlp_ratio: number("MLP width over embed_dim", { unit: "ratio", above: 0, max: 64 }).default(4),
  proj_drop_rate: rate("dropout after each projection").default(0),
  att_drop_rate: rate("dropout of attention weights").default(0),
  drop_path_rate: rate("probability that the last block is skipped").default(0.1),
  fixed_dropout_depth: flag(
    "true: every block has drop_path_rate; false: it grows linearly with depth",
  ).default(false),
  init_std: number("deviation of token parameters", { unit: "1", above: 0, max: 1 }).default(0.02),
  norm_layer: choice("normalisation", ["RmsNorm", "LayerNorm"]).default("RmsNorm"),
  act_layer: choice("activation of the MLP", ["SiLU", "GELU"]).default("SiLU"),
  mlp_layer: choice("kind of MLP", ["SwiGLU", "Mlp"]).default("SwiGLU"),
  mlp_wide_silu: flag("SwiGLU: hidden width is 2/3, rounded up to a multiple of 8").default(false),
  qk_norm: flag("normalise queries and keys of each head").default(false),
  abs_sincos_enc: flag("add fixed sine and cosine positions").default(false),
  rope_pos_enc: flag("rotate queries and keys by position").default(true),
  rope_type: choice("axial: fixed frequencies per axis; mixed: learnt frequencies over all axes", [
    "axial",
    "mixed",
  ]).default("axial"),
  rope_mixed: flag("an older name of rope_type=mixed; must say the same").optional(),
  rope_theta: number("base of the RoPE frequencies", { unit: "1", above: 0, max: 1e9 }).default(10),
  rope_random_rotation_per_head: flag("mixed: each head starts from its own random axes").default(
    true,
  ),
  out_layers: orNull(
    list(
      "blocks whose features are handed on; null: the last",
      z.int().check(z.gte(0), z.lte(255)),
    ),
  ),
});

interface EncoderRule {
  readonly embed_dim: number;
  readonly num_heads: number;
  readonly rope_type: string;
  readonly rope_mixed?: boolean | undefined;
}

/** What must hold between the keys of an encoder. */
export function checkEncoder(c: EncoderRule, context: z.RefinementCtx): void {
  const fault = (key: string, message: string) =>
    context.addIssue({ code: "custom", path: [key], message, input: c });
  if (c.embed_dim % c.num_heads !== 0) {
    fault("num_heads", "must divide embed_dim, so that every head has the same width");
  }
  if (c.rope_mixed !== undefined && c.rope_mixed !== (c.rope_type === "mixed")) {
    fault("rope_mixed", `must agree with rope_type, which is ${c.rope_type}`);
  }
}
