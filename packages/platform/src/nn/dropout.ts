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
    return this.isActive ? this.keeping(x, drawKept(x.shape, this.rate, this.#rng)) : x;
  }

  /** @param isKept - 1 where a value is kept, else 0; used up. */
  keeping(x: Tensor, isKept: Tensor): Tensor {
    return x.mul(keptScale(isKept, this.rate).to({ dtype: x.dtype, device: x.device }));
  }
}

/** 0 with probability `rate`, else 1: float32 on the generator's device. */
export function drawKept(shape: readonly number[], rate: number, rng: Generator): Tensor {
  return op("aten::bernoulli_.float")(Tensor.empty(shape), 1 - rate, rng);
}

/** Turns `isKept`, 0 with probability `rate` and else 1, into factors of mean 1, in its memory. */
export function keptScale(isKept: Tensor, rate: number): Tensor {
  return isKept.div_(1 - rate);
}
