import { type Generator, op, Tensor } from "@cell-observatory/engine";
import { Module } from "./module.ts";

/** Zeroes single values with probability `rate` in training, and scales the others by 1 / (1 - rate). */
export class Dropout extends Module {
  readonly rate: number;
  readonly #rng: Generator;

  constructor(rate: number, rng: Generator) {
    super();
    this.rate = rate;
    this.#rng = rng;
  }

  /** Whether it does anything: it is in training, and has a rate. */
  get isActive(): boolean {
    return this.isTraining && this.rate > 0;
  }

  forward(x: Tensor): Tensor {
    if (!this.isActive) return x;
    return x.mul(keepScale(x.shape, this.rate, this.#rng).to({ dtype: x.dtype, device: x.device }));
  }
}

/** 0 with probability `rate`, else 1 / (1 - rate): of mean 1, float32 on the generator's device. */
export function keepScale(shape: readonly number[], rate: number, rng: Generator): Tensor {
  const isKept = op("aten::bernoulli_.float");
  return isKept(Tensor.empty(shape), 1 - rate, rng).div_(1 - rate);
}
