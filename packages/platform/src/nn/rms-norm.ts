import { addRmsNorm, rmsNorm, type SumAndNorm, Tensor } from "@cell-observatory/engine";
import type { NormConfig } from "./layer-norm.ts";
import { Module } from "./module.ts";
import { parameter } from "./parameter.ts";
import type { Residual } from "./residual.ts";

/**
 * Root mean square 1 over the channels of each token, then a scale per channel.
 *
 * Source: Zhang and Sennrich 2019, "Root Mean Square Layer Normalization", equation 4.
 */
export class RmsNorm extends Module {
  readonly weight: Tensor;
  readonly eps: number;

  constructor({ width, eps = 1e-6 }: NormConfig) {
    super();
    this.weight = parameter(Tensor.ones([width]));
    this.eps = eps;
  }

  forward(x: Tensor): Tensor {
    return rmsNorm(x, this);
  }

  afterAdd({ stream, branch, scale }: Residual): SumAndNorm {
    if (branch === null) return { sum: stream, normed: this.forward(stream) };
    const { weight, eps } = this;
    return addRmsNorm(stream, branch, { weight, eps, yScale: scale ?? undefined });
  }
}
