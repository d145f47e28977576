import { z } from "zod";
import { choice, flag, group, keys, text } from "../key.ts";
import { inputKeys, width } from "./transformer-keys.ts";

/** Config group `models/meta_arch/autobench`: a trained backbone and a head for a dense task. */
export const AutobenchConfig = group("a trained backbone and a head, for a dense task", () =>
  keys({
    task: choice("which task", [
      "denoising",
      "channel_split",
      "upsample_space",
      "upsample_time",
      "upsample_spacetime",
    ]),
    ...inputKeys(),
    embed_dim: width("width of the backbone"),
    abs_sincos_enc: flag("add fixed sine and cosine positions").optional(),
    weight_init_type: choice("how weights are drawn", ["mae", "vjepa2"]).optional(),
    loss_fn: choice("loss over patches", [
      "l2_masked",
      "l1_masked",
      "smooth_l1_masked",
      "fourier_loss",
    ]).default("l2_masked"),
    backbone_args: z.unknown().describe("the backbone, by reference"),
    decoder_args: z.unknown().describe("the head, by reference"),
    dtype: text("number type; as quantization").optional(),
  }),
);
