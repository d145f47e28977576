import type { Generator, Tensor } from "@cell-observatory/engine";
import { Dropout } from "./dropout.ts";
import type { InitConfig } from "./init.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { namedParts } from "./named-parts.ts";
import { type Norm, type NormLayer, norm } from "./norm.ts";
import { rotate } from "./rope.ts";
import type { Rotation } from "./rotation.ts";

export interface AttentionConfig extends Partial<InitConfig> {
  readonly embed_dim: number;
  readonly num_heads: number;
  readonly qkv_bias?: boolean;
  /** Normalises the queries and keys of each head, before they are turned. */
  readonly qk_norm?: boolean;
  readonly norm_layer?: NormLayer;
  readonly att_drop_rate?: number;
  readonly proj_drop_rate?: number;
}

/**
 * Multi-head self-attention over the tokens of a sample, [B N D] to [B N D].
 *
 * Queries, keys and values are made by one packed matrix, in this order, each by heads. Source:
 * Vaswani et al. 2017, section 3.2; the state dict is that of timm's `Attention`.
 */
export class Attention extends Module {
  readonly qkv: Linear;
  readonly qNorm: Norm | null;
  readonly kNorm: Norm | null;
  readonly proj: Linear;
  readonly weightDropout: Dropout;
  readonly dropout: Dropout;
  readonly width: number;
  readonly numHeads: number;

  constructor(config: AttentionConfig, rng: Generator) {
    super();
    const { embed_dim, num_heads, qkv_bias = true, qk_norm = false } = config;
    const { norm_layer = "LayerNorm", att_drop_rate = 0, proj_drop_rate = 0 } = config;
    const { weight_init_type = "mae", init_std = 0.02 } = config;
    const init = { weight_init_type, init_std };
    const [inputs, head] = [embed_dim, { width: embed_dim / num_heads }];
    this.qkv = new Linear(
      { inputs, outputs: 3 * embed_dim, packed: 3, hasBias: qkv_bias, ...init },
      rng,
    );
    this.qNorm = qk_norm ? norm(norm_layer, head) : null;
    this.kNorm = qk_norm ? norm(norm_layer, head) : null;
    this.proj = new Linear({ inputs, outputs: embed_dim, ...init }, rng);
    this.weightDropout = new Dropout(att_drop_rate, rng);
    this.dropout = new Dropout(proj_drop_rate, rng);
    this.width = embed_dim;
    this.numHeads = num_heads;
  }

  /** @param rotation - by which queries and keys are turned, if at all. */
  forward(x: Tensor, rotation: Rotation | null = null): Tensor {
    const { B, N, D } = x.sizes("B N D", { D: this.width });
    const qkv_BN3Hd = this.qkv.forward(x).reshape([B, N, 3, this.numHeads, -1]);
    const { q, k, v } = namedParts(qkv_BN3Hd.permute([2, 0, 3, 1, 4]).unbind(0), "q k v");
    const placedQ = this.#placed(q, this.qNorm, rotation);
    const mixed_BHNd = this.#mixed(placedQ, this.#placed(k, this.kNorm, rotation), v);
    return this.dropout.forward(this.proj.forward(mixed_BHNd.transpose(1, 2).reshape([B, N, D])));
  }

  /** Queries or keys, normalised and turned as far as this attention does so. */
  #placed(x_BHNd: Tensor, its: Norm | null, rotation: Rotation | null): Tensor {
    const { dtype } = x_BHNd;
    const normed =
      its === null ? x_BHNd : its.forward(x_BHNd.to({ dtype: its.weight.dtype })).to({ dtype });
    return rotation === null ? normed : rotate(normed, rotation);
  }

  /** softmax(q k^T / sqrt(d)) v; dropped weights are drawn from our generator, so written out. */
  #mixed(q: Tensor, k: Tensor, v: Tensor): Tensor {
    if (!this.isTraining || this.weightDropout.rate === 0) return q.scaledDotProductAttention(k, v);
    const scores = q.matmul(k.transpose(-1, -2)).div(Math.sqrt(this.width / this.numHeads));
    return this.weightDropout.forward(scores.softmax(-1)).matmul(v);
  }
}
