import { addLayerNorm, layerNorm, type SumAndNorm, Tensor } from "@cell-observatory/engine";
import { Module } from "./module.ts";
import { parameter } from "./parameter.ts";
import type { Residual } from "./residual.ts";

export interface NormConfig {
  /** Channels, on the last axis. */
  readonly width: number;
  readonly eps?: number;
}

/** Mean 0 and variance 1 over the channels of each token, then a scale and a shift per channel. */
export class LayerNorm extends Module {
  readonly weight: Tensor;
  readonly bias: Tensor;
  readonly eps: number;

  constructor({ width, eps = 1e-6 }: NormConfig) {
    super();
    this.weight = parameter(Tensor.ones([width]));
    this.bias = parameter(Tensor.zeros([width]));
    this.eps = eps;
  }

  forward(x: Tensor): Tensor {
    return layerNorm(x, this);
  }

  afterAdd({ stream, branch, scale }: Residual): SumAndNorm {
    if (branch === null) return { sum: stream, normed: this.forward(stream) };
    const { weight, bias, eps } = this;
    return addLayerNorm(stream, branch, { weight, bias, eps, yScale: scale ?? undefined });
  }
}
