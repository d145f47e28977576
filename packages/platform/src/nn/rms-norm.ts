import { op, Tensor } from "@cell-observatory/engine";
import type { NormConfig } from "./layer-norm.ts";
import { Module } from "./module.ts";
import { parameter } from "./parameter.ts";

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
    return op("aten::rms_norm")(x, [...this.weight.shape], this.weight, this.eps);
  }
}
