import type { z } from "zod";
import { choice, flag, group, keys, text } from "../key.ts";
import { blocks, checkEncoder, encoderKeys, heads, inputKeys, width } from "./transformer-keys.ts";

/** Config group `models/meta_arch/mae`: the masked autoencoder; its sizes are the group's options. */
export const MaeConfig = group("the masked autoencoder; its sizes are the group's options", () =>
  keys({
    ...inputKeys(),
    ...encoderKeys(),
    decoder_embed_dim: width("width of the predictor"),
    decoder_depth: blocks("transformer blocks in the predictor"),
    decoder_num_heads: heads("attention heads in the predictor"),
    weight_init_type: choice("how weights are drawn", ["mae"]).default("mae"),
    loss_fn: choice("loss over hidden patches", ["l2_masked"]).default("l2_masked"),
    norm_targets: flag(
      "true: each target patch has mean 0 and variance 1 (He et al. 2022, section 4.1)",
    ).default(false),
    dtype: text("number type; as quantization").optional(),
  })
    .superRefine(checkEncoder)
    .refine((c) => c.decoder_embed_dim % c.decoder_num_heads === 0, {
      path: ["decoder_num_heads"],
      error: "must divide decoder_embed_dim, so that every head has the same width",
    }),
);
/** What the model is built from. */
export type MaeConfig = Omit<z.infer<typeof MaeConfig>, "out_layers" | "rope_mixed" | "dtype">;
