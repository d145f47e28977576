import { keep, noGrad, op, scope, Tensor } from "@cell-observatory/engine";
import type { Optimizer } from "./optimizer.ts";
import type { ParameterGroup } from "./parameter-groups.ts";

export interface AdamWConfig {
  readonly betas: readonly [number, number];
  readonly eps: number;
}

interface Slot {
  readonly name: string;
  readonly parameter: Tensor;
  readonly mean: Tensor;
  readonly square: Tensor;
  readonly wd: number;
}

/**
 * AdamW: Adam with decoupled weight decay, by libtorch's fused kernel.
 *
 * Source: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", algorithm 2;
 * the same arithmetic, bit for bit, as `torch.optim.AdamW(fused=True)`.
 */
export class AdamW implements Optimizer {
  readonly #config: AdamWConfig;
  readonly #groups: readonly (readonly Slot[])[];
  /** One count for all, as float32 as the kernel wants it: exact up to 2^24 updates. */
  readonly #count: Tensor;
  #numSteps = 0;

  constructor(groups: readonly ParameterGroup[], config: AdamWConfig) {
    this.#config = config;
    this.#groups = groups.map(({ parameters, wd }) =>
      [...parameters].map(([name, parameter]) => ({
        name,
        parameter,
        mean: keep(zerosLike(parameter)),
        square: keep(zerosLike(parameter)),
        wd,
      })),
    );
    this.#count = keep(Tensor.zeros([], { dtype: "float32" }));
  }

  get numSteps(): number {
    return this.#numSteps;
  }

  resumeAt(numSteps: number): void {
    this.#numSteps = numSteps;
  }

  step(lr: number): void {
    this.#numSteps += 1;
    noGrad(() =>
      scope(() => {
        this.#count.fill_(this.#numSteps);
        for (const group of this.#groups) this.#update(group, lr);
      }),
    );
  }

  zeroGrad(): void {
    for (const { parameter } of this.#groups.flat()) parameter.setGrad(null);
  }

  state(): ReadonlyMap<string, Tensor> {
    return new Map(
      this.#groups.flat().flatMap(({ name, mean, square }): [string, Tensor][] => [
        [`exp_avg.${name}`, mean],
        [`exp_avg_sq.${name}`, square],
      ]),
    );
  }

  #update(group: readonly Slot[], lr: number): void {
    const due = group.flatMap((slot) => {
      const { grad } = slot.parameter;
      return grad === null ? [] : [{ ...slot, grad }];
    });
    if (due.length === 0) return;
    const [beta1, beta2] = this.#config.betas;
    op("aten::_fused_adamw_")(
      due.map((slot) => slot.parameter),
      due.map((slot) => slot.grad),
      due.map((slot) => slot.mean),
      due.map((slot) => slot.square),
      [],
      due.map(() => this.#count),
      lr,
      beta1,
      beta2,
      due[0]?.wd ?? 0,
      this.#config.eps,
      false,
      false,
    );
  }
}

function zerosLike({ shape, dtype, device }: Tensor): Tensor {
  return Tensor.zeros(shape, { dtype, device });
}
