import type { Generator, Tensor } from "@cell-observatory/engine";
import { drawKept, keptScale } from "./dropout.ts";
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
    return this.keeping({ stream, branch }, drawKept([B], this.rate, this.#rng));
  }

  /** @param isKept - 1 for each sample whose branch is kept, else 0: [B]; used up. */
  keeping({ stream, branch }: Record<"stream" | "branch", Tensor>, isKept: Tensor): Residual {
    const scale = keptScale(isKept, this.rate).to({ device: branch.device });
    return { stream, branch, scale };
  }
}
