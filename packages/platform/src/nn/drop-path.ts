import type { Generator, Tensor } from "@cell-observatory/engine";
import { keepScale } from "./dropout.ts";
import { Module } from "./module.ts";

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

  forward(x: Tensor): Tensor {
    if (!this.isTraining || this.rate === 0) return x;
    const perSample = x.shape.map((size, axis) => (axis === 0 ? size : 1));
    return x.mul(
      keepScale(perSample, this.rate, this.#rng).to({ dtype: x.dtype, device: x.device }),
    );
  }
}
