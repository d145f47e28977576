import type { Generator } from "@cell-observatory/engine";
import { Attention, type AttentionConfig } from "./attention.ts";
import { DropPath } from "./drop-path.ts";
import { type FeedForward, type FeedForwardConfig, feedForward } from "./feed-forward.ts";
import { Module } from "./module.ts";
import { type Norm, type NormLayer, norm } from "./norm.ts";
import type { Residual } from "./residual.ts";
import type { Rotation } from "./rotation.ts";

export interface BlockConfig extends AttentionConfig, FeedForwardConfig {
  readonly norm_layer: NormLayer;
  /** Probability that a sample skips a branch of this block in training. */
  readonly drop_path_rate?: number;
}

/**
 * A pre-norm transformer block: x + attn(norm1(x)), then x + mlp(norm2(x)).
 *
 * The last sum is left to whatever comes next, which normalises it too: blocks hand on a
 * {@link Residual}. Source: Xiong et al. 2020, "On Layer Normalization in the Transformer
 * Architecture"; the state dict is that of timm's `Block`.
 */
export class Block extends Module {
  readonly norm1: Norm;
  readonly attn: Attention;
  readonly norm2: Norm;
  readonly mlp: FeedForward;
  readonly dropPath: DropPath;

  constructor(config: BlockConfig, rng: Generator) {
    super();
    this.norm1 = norm(config.norm_layer, { width: config.embed_dim });
    this.attn = new Attention(config, rng);
    this.norm2 = norm(config.norm_layer, { width: config.embed_dim });
    this.mlp = feedForward(config, rng);
    this.dropPath = new DropPath(config.drop_path_rate ?? 0, rng);
  }

  forward(before: Residual, rotation: Rotation | null = null): Residual {
    const first = this.norm1.afterAdd(before);
    const attended = this.attn.forward(first.normed, rotation);
    const second = this.norm2.afterAdd(this.dropPath.waiting(first.sum, attended));
    return this.dropPath.waiting(second.sum, this.mlp.forward(second.normed));
  }
}
