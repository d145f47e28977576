import { type Generator, linear, Tensor } from "@cell-observatory/engine";
import { type WeightInitType, weightInits } from "./init.ts";
import { Module } from "./module.ts";
import { parameter } from "./parameter.ts";

export interface LinearConfig {
  readonly inputs: number;
  readonly outputs: number;
  readonly hasBias?: boolean;
  /** Matrices of equal size that `outputs` is made of: 3 for packed queries, keys and values. */
  readonly packed?: number;
  readonly weight_init_type?: WeightInitType;
  readonly init_std?: number;
}

/** x W^T + b: maps the last axis, of `inputs` channels, to `outputs` channels. */
export class Linear extends Module {
  readonly weight: Tensor;
  readonly bias: Tensor | null;

  constructor(config: LinearConfig, rng: Generator) {
    super();
    const { inputs, outputs, hasBias = true, packed = 1 } = config;
    const { weight_init_type = "mae", init_std = 0.02 } = config;
    const weight = Tensor.empty([outputs, inputs]);
    weightInits[weight_init_type](weight, rng, { packed, std: init_std });
    this.weight = parameter(weight);
    this.bias = hasBias ? parameter(Tensor.zeros([outputs])) : null;
  }

  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }
}
