import type { Generator, Tensor } from "@cell-observatory/engine";
import { keepScale } from "./dropout.ts";
import { Module } from "./module.ts";
import type { Residual } from "./residual.ts";

/**
 * Drops a residual branch of whole samples [B ...] with probability `rate` in training, and scales
 * that of the others by 1 / (1 - rate).
 *
 * Source: Huang et al. 2016, "Deep Networks with Stochastic Depth".
 */
export class DropPath extends Module {
  readonly rate: number;
  readonly #rng: Generator;

  constructor(rate: number, rng: Generator) {
    super();
    this.rate = rate;
    this.#rng = rng;
  }

  /** The branch of a stream, with the factor that each sample's has. */
  waiting(stream: Tensor, branch: Tensor): Residual {
    if (!this.isTraining || this.rate === 0) return { stream, branch, scale: null };
    const [B = 0] = branch.shape;
    const scale = keepScale([B], this.rate, this.#rng).to({ device: branch.device });
    return { stream, branch, scale };
  }
}
