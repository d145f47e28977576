import type { Generator, Tensor } from "@cell-observatory/engine";
import type { InitConfig } from "./init.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { patchify } from "./patchify.ts";
import { type TokenGrid, type TokenGridConfig, tokenGrid } from "./token-grid.ts";

export interface PatchEmbedConfig extends TokenGridConfig, Partial<InitConfig> {
  readonly embed_dim: number;
}

/** Maps patches of an input to tokens, each by the same linear map: [B K P] to [B K D]. */
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

  /**
   * @param video - the input, [B ...axes C].
   * @param places_BK - the patches to embed; null: all of the grid, in order.
   */
  forward(video: Tensor, places_BK: Tensor | null = null): Tensor {
    const patches_BNP = patchify(video, this.grid);
    return this.proj.forward(places_BK === null ? patches_BNP : patches_BNP.takeTokens(places_BK));
  }
}
