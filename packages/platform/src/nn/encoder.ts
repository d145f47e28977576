import { type Generator, noGrad, scope, type Tensor } from "@cell-observatory/engine";
import { Block, type BlockConfig } from "./block.ts";
import { Module } from "./module.ts";
import { type Norm, norm } from "./norm.ts";
import type { Rope } from "./rope.ts";

export interface EncoderConfig extends BlockConfig {
  readonly depth: number;
  /** True: every block has `drop_path_rate`; else it grows from 0 to that at the last block. */
  readonly fixed_dropout_depth?: boolean;
}

/** A stack of transformer blocks and a last normalisation, [B N D] to [B N D]. */
export class Encoder extends Module {
  readonly blocks: readonly Block[];
  readonly norm: Norm;
  readonly rope: Rope | null;

  constructor(config: EncoderConfig, rng: Generator, rope: Rope | null = null) {
    super();
    const { depth, drop_path_rate = 0, fixed_dropout_depth = false } = config;
    this.blocks = Array.from({ length: depth }, (_, i) => {
      const share = fixed_dropout_depth ? 1 : i / Math.max(1, depth - 1);
      return new Block({ ...config, drop_path_rate: drop_path_rate * share }, rng);
    });
    this.norm = norm(config.norm_layer, { width: config.embed_dim });
    this.rope = rope;
    if (config.weight_init_type === "vjepa2") shrinkResiduals(this.blocks);
  }

  /** @param places_BN - which tokens of the grid these are; null: all, in order. */
  forward(tokens_BND: Tensor, places_BN: Tensor | null = null): Tensor {
    const [last] = this.#run(tokens_BND, places_BN, [this.blocks.length - 1]);
    return last ?? this.norm.forward(tokens_BND);
  }

  /** What the blocks `outLayers` (from 0, ascending) put out, each normalised. */
  features(
    tokens_BND: Tensor,
    outLayers: readonly number[],
    places_BN: Tensor | null = null,
  ): readonly Tensor[] {
    return this.#run(tokens_BND, places_BN, outLayers);
  }

  /** One scope a block: between blocks only the stream is held, and what autograd needs. */
  #run(tokens: Tensor, places: Tensor | null, outLayers: readonly number[]): readonly Tensor[] {
    return scope(() => {
      const rotations = this.rope?.rotations(places) ?? [];
      const found: Tensor[] = [];
      // Under autocast tokens may come in bfloat16; what all blocks add to has the weights' dtype.
      let stream = tokens.to({ dtype: this.norm.weight.dtype });
      for (const [i, block] of this.blocks.entries()) {
        const before = stream;
        stream = scope(() => block.forward(before, rotations[i]));
        if (before !== tokens) before.release();
        if (outLayers.includes(i)) found.push(this.norm.forward(stream));
      }
      return found;
    });
  }
}

/**
 * Divides the two matrices of block l (from 1) that feed the residual stream by sqrt(2 l), so that
 * the stream's variance does not grow with depth. Source: Assran et al. 2025, as BEiT before it.
 */
function shrinkResiduals(blocks: readonly Block[]): void {
  noGrad(() => {
    for (const [i, { attn, mlp }] of blocks.entries()) {
      for (const { weight } of [attn.proj, mlp.fc2]) weight.div_(Math.sqrt(2 * (i + 1)));
    }
  });
}
