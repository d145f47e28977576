import { noGrad, type Generator as Rng, scope, type Tensor } from "@cell-observatory/engine";
import { Block, type BlockConfig } from "./block.ts";
import { Module } from "./module.ts";
import { type Norm, norm } from "./norm.ts";
import { type Residual, residualOf } from "./residual.ts";
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

  constructor(config: EncoderConfig, rng: Rng, rope: Rope | null = null) {
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
    return scope(() => {
      const residuals = this.#residuals(tokens_BND, places_BN);
      return this.norm.afterAdd(residuals.reduce((_, last) => last)).normed;
    });
  }

  /** What the blocks `outLayers` (from 0) put out, each normalised, in the order of the blocks. */
  features(
    tokens_BND: Tensor,
    outLayers: readonly number[],
    places_BN: Tensor | null = null,
  ): readonly Tensor[] {
    return scope(() => {
      const found: Tensor[] = [];
      let layer = -1; // what goes into block 0 comes first
      for (const residual of this.#residuals(tokens_BND, places_BN)) {
        if (outLayers.includes(layer)) found.push(this.norm.afterAdd(residual).normed);
        layer += 1;
      }
      return found;
    });
  }

  /**
   * The residual before the first block, then after each one. One scope a block, and each residual
   * is released when the next is there: only what autograd needs is held in between.
   */
  *#residuals(tokens: Tensor, places: Tensor | null): Generator<Residual> {
    const rotations = this.rope?.rotations(places) ?? [];
    // Under autocast tokens may come in bfloat16; what all blocks add to has the weights' dtype.
    let residual = residualOf(tokens.to({ dtype: this.norm.weight.dtype }));
    yield residual;
    for (const [i, block] of this.blocks.entries()) {
      const before = residual;
      residual = scope(() => block.forward(before, rotations[i]));
      if (i > 0) for (const part of [before.stream, before.branch, before.scale]) part?.release();
      yield residual;
    }
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
