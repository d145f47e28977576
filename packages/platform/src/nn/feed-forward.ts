import type { Generator } from "@cell-observatory/engine";
import type { ActivationLayer } from "./activation.ts";
import type { InitConfig } from "./init.ts";
import { Mlp } from "./mlp.ts";
import { SwiGlu } from "./swiglu.ts";

/** The second half of a block: which kind, and how wide; the YAML's keys. */
export interface FeedForwardConfig extends Partial<InitConfig> {
  readonly embed_dim: number;
  readonly mlp_layer: "Mlp" | "SwiGLU";
  readonly act_layer: ActivationLayer;
  /** Hidden channels over `embed_dim`. */
  readonly mlp_ratio: number;
  /** SwiGLU: 2/3 of the hidden channels, rounded up to a multiple of 8, as it has three matrices. */
  readonly mlp_wide_silu: boolean;
  readonly proj_drop_rate?: number;
}

export type FeedForward = Mlp | SwiGlu;

export function feedForward(config: FeedForwardConfig, rng: Generator): FeedForward {
  const { embed_dim, mlp_layer, act_layer, proj_drop_rate = 0 } = config;
  const { weight_init_type = "mae", init_std = 0.02 } = config;
  const shared = { embed_dim, act_layer, proj_drop_rate, weight_init_type, init_std };
  const hidden = Math.round(embed_dim * config.mlp_ratio);
  switch (mlp_layer) {
    case "Mlp":
      return new Mlp({ ...shared, hidden }, rng);
    case "SwiGLU": {
      const wide = Math.ceil(Math.floor((2 * hidden) / 3) / 8) * 8;
      return new SwiGlu({ ...shared, hidden: config.mlp_wide_silu ? wide : hidden }, rng);
    }
    default:
      return mlp_layer satisfies never;
  }
}
