import { attention, attentionQkv, type Generator, type Tensor } from "@cell-observatory/engine";
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
    x.sizes("B N D", { D: this.width });
    const mixed_BND = this.#mixed(this.qkv.forward(x), rotation);
    return this.dropout.forward(this.proj.forward(mixed_BND));
  }

  /** softmax(q k^T / sqrt(d)) v for each head, in one kernel as far as there is one. */
  #mixed(qkv_BNE: Tensor, rotation: Rotation | null): Tensor {
    if (this.qNorm === null && !this.weightDropout.isActive) {
      return attentionQkv(qkv_BNE, { numHeads: this.numHeads, turn: rotation });
    }
    const { B, N } = qkv_BNE.sizes("B N E");
    const qkv_3BHNd = qkv_BNE.reshape([B, N, 3, this.numHeads, -1]).permute([2, 0, 3, 1, 4]);
    const { q, k, v } = namedParts(qkv_3BHNd.unbind(0), "q k v");
    const [normedQ, normedK] = [normed(q, this.qNorm), normed(k, this.kNorm)];
    const mixed_BHNd = this.weightDropout.isActive
      ? this.#mixedByDroppedWeights(normedQ, normedK, v, rotation)
      : attention(normedQ, normedK, v, { turn: rotation });
    return mixed_BHNd.transpose(1, 2).reshape([B, N, -1]);
  }

  /** The same, written out: which weights are dropped is drawn from our generator. */
  #mixedByDroppedWeights(q: Tensor, k: Tensor, v: Tensor, rotation: Rotation | null): Tensor {
    const placed = (x: Tensor) => (rotation === null ? x : rotate(x, rotation));
    const scores = placed(q).matmul(placed(k).transpose(-1, -2));
    const weights = scores.div(Math.sqrt(this.width / this.numHeads)).softmax(-1);
    return this.weightDropout.forward(weights).matmul(v);
  }
}

/** Queries or keys of each head, normalised in the dtype of the norm's weights. */
function normed(x: Tensor, its: Norm | null): Tensor {
  if (its === null) return x;
  return its.forward(x.to({ dtype: its.weight.dtype })).to({ dtype: x.dtype });
}
