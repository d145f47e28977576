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
 * AdamW: Adam with decoupled weight decay. On a CPU by our kernel, which takes all parameters in one
 * parallel loop; on a GPU by libtorch's fused one.
 *
 * Source: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", algorithm 2; the
 * arithmetic is that of `torch.optim.AdamW(fused=True)`.
 */
export class AdamW implements Optimizer {
  readonly #config: AdamWConfig;
  readonly #groups: readonly (readonly Slot[])[];
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
    const [first] = due;
    if (first === undefined) return;
    const { betas, eps } = this.#config;
    const lists = [
      due.map(({ parameter }) => parameter),
      due.map(({ grad }) => grad),
      due.map(({ mean }) => mean),
      due.map(({ square }) => square),
    ] as const;
    const { device } = first.parameter;
    if (device === "cpu") {
      op("cello::adamw_")(...lists, lr, ...betas, first.wd, eps, this.#numSteps);
      return;
    }
    // float32, as the kernel wants it: exact up to 2^24 updates
    const count = Tensor.full([], this.#numSteps, { dtype: "float32", device });
    const counts = due.map(() => count);
    op("aten::_fused_adamw_")(...lists, [], counts, lr, ...betas, first.wd, eps, false, false);
  }
}

function zerosLike({ shape, dtype, device }: Tensor): Tensor {
  return Tensor.zeros(shape, { dtype, device });
}
