import type { Generator, Tensor } from "@cell-observatory/engine";
import type { InitConfig } from "./init.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { patchify } from "./patchify.ts";
import { type TokenGrid, type TokenGridConfig, tokenGrid } from "./token-grid.ts";

export interface PatchEmbedConfig extends TokenGridConfig, Partial<InitConfig> {
  readonly embed_dim: number;
}

/** Maps every patch of an input [B ...axes C] to one token: [B N D]. */
export class PatchEmbed extends Module {
  readonly grid: TokenGrid;
  readonly proj: Linear;

  constructor(config: PatchEmbedConfig, rng: Generator) {
    super();
    const { embed_dim, weight_init_type = "mae", init_std = 0.02 } = config;
    this.grid = tokenGrid(config);
    const inputs = this.grid.patchVoxels;
    this.proj = new Linear({ inputs, outputs: embed_dim, weight_init_type, init_std }, rng);
  }

  forward(video: Tensor): Tensor {
    return this.proj.forward(patchify(video, this.grid));
  }
}
