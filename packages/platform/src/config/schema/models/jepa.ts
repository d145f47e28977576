import { choice, group, keys, text } from "../key.ts";
import { blocks, checkEncoder, encoderKeys, heads, inputKeys, width } from "./transformer-keys.ts";

/** Config group `models/meta_arch/jepa`: the joint-embedding predictive architecture. */
export const JepaConfig = group("the joint-embedding predictive architecture", () =>
  keys({
    ...inputKeys(),
    ...encoderKeys(),
    predictor_embed_dim: width("width of the predictor").optional(),
    predictor_depth: blocks("transformer blocks in the predictor").optional(),
    predictor_num_heads: heads("attention heads in the predictor").optional(),
    weight_init_type: choice("how weights are drawn", ["mae", "vjepa2"]).default("vjepa2"),
    loss_fn: choice("loss over hidden tokens", [
      "l1_masked",
      "l2_masked",
      "smooth_l1_masked",
    ]).default("l1_masked"),
    dtype: text("number type; as quantization").optional(),
  }).superRefine(checkEncoder),
);
