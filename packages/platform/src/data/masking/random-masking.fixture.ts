import type { MaskingConfig } from "../../config/index.ts";

/** Three quarters hidden, token by token; the blocks' sizes are those that a test changes the mode for. */
export const randomMasking = {
  mask_mode: "RANDOM",
  random_masking_ratio: 0.75,
  num_blocks: 2,
  lateral_mask_scale: 0.5,
  axial_mask_scale: 0.5,
  temporal_mask_scale: [0.5, 1],
  aspect_ratio_scale_hw: [0.75, 1.5],
} as const satisfies MaskingConfig;
