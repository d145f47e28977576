import { type Dtype, dtypeCode } from "./dtype.ts";
import { listOperators, operators } from "./native-operator.ts";
import type { Tensor } from "./tensor.ts";
import { TensorPointwise } from "./tensor-pointwise.ts";

/** One axis, several, or all of them when undefined. Negative counts from the last. */
export type Axes = number | readonly number[] | undefined;

const aten = operators({
  all: "aten::all",
  allAxis: "aten::all.dim",
  amax: "aten::amax",
  amin: "aten::amin",
  any: "aten::any",
  anyAxis: "aten::any.dim",
  argmax: "aten::argmax",
  argmin: "aten::argmin",
  argsort: "aten::argsort",
  cumsum: "aten::cumsum",
  logsumexp: "aten::logsumexp",
  mean: "aten::mean.dim",
  norm: "aten::linalg_vector_norm",
  prod: "aten::prod",
  std: "aten::std.correction",
  sum: "aten::sum.dim_IntList",
  var: "aten::var.correction",
});
const lists = listOperators({ sort: "aten::sort", topk: "aten::topk" });

const listOf = (axes: Axes): readonly number[] | undefined =>
  typeof axes === "number" ? [axes] : axes;

/** Along axes: sums, extremes, order. */
export abstract class TensorReduce extends TensorPointwise {
  sum(axes?: Axes, keepAxes: boolean = false): Tensor {
    return this.wrap(aten.sum(this.slot, listOf(axes), keepAxes));
  }

  mean(axes?: Axes, keepAxes: boolean = false): Tensor {
    return this.wrap(aten.mean(this.slot, listOf(axes), keepAxes));
  }

  /** `correction` 1 divides by n - 1 (PyTorch's default), 0 by n. */
  std(axes?: Axes, keepAxes: boolean = false, correction: number = 1): Tensor {
    return this.wrap(aten.std(this.slot, listOf(axes), correction, keepAxes));
  }

  /** `correction` 1 divides by n - 1 (PyTorch's default), 0 by n. */
  var(axes?: Axes, keepAxes: boolean = false, correction: number = 1): Tensor {
    return this.wrap(aten.var(this.slot, listOf(axes), correction, keepAxes));
  }

  /** The p-norm over the axes; p = 2 is the Euclidean length. */
  norm(p: number = 2, axes?: Axes, keepAxes: boolean = false): Tensor {
    return this.wrap(aten.norm(this.slot, p, listOf(axes), keepAxes));
  }

  amax(axes: Axes = [], keepAxes: boolean = false): Tensor {
    return this.wrap(aten.amax(this.slot, listOf(axes), keepAxes));
  }

  amin(axes: Axes = [], keepAxes: boolean = false): Tensor {
    return this.wrap(aten.amin(this.slot, listOf(axes), keepAxes));
  }

  logsumexp(axes: Axes, keepAxes: boolean = false): Tensor {
    return this.wrap(aten.logsumexp(this.slot, listOf(axes), keepAxes));
  }

  prod(): Tensor {
    return this.wrap(aten.prod(this.slot));
  }

  /** Index of the largest element: of the flattened tensor, or along one axis. */
  argmax(axis?: number, keepAxis: boolean = false): Tensor {
    return this.wrap(aten.argmax(this.slot, axis, keepAxis));
  }

  argmin(axis?: number, keepAxis: boolean = false): Tensor {
    return this.wrap(aten.argmin(this.slot, axis, keepAxis));
  }

  any(axis?: number, keepAxis: boolean = false): Tensor {
    return this.wrap(
      axis === undefined ? aten.any(this.slot) : aten.anyAxis(this.slot, axis, keepAxis),
    );
  }

  all(axis?: number, keepAxis: boolean = false): Tensor {
    return this.wrap(
      axis === undefined ? aten.all(this.slot) : aten.allAxis(this.slot, axis, keepAxis),
    );
  }

  cumsum(axis: number, dtype?: Dtype): Tensor {
    return this.wrap(aten.cumsum(this.slot, axis, dtypeCode(dtype)));
  }

  sort(axis: number = -1, isDescending: boolean = false): { values: Tensor; indices: Tensor } {
    return this.#pair(lists.sort(this.slot, axis, isDescending));
  }

  argsort(axis: number = -1, isDescending: boolean = false): Tensor {
    return this.wrap(aten.argsort(this.slot, axis, isDescending));
  }

  /** The k largest (or smallest) elements along an axis, in order. */
  topk(
    k: number,
    axis: number = -1,
    isLargest: boolean = true,
  ): { values: Tensor; indices: Tensor } {
    return this.#pair(lists.topk(this.slot, k, axis, isLargest));
  }

  #pair(slots: ReturnType<typeof lists.sort>): { values: Tensor; indices: Tensor } {
    const [values, indices] = slots;
    if (values === undefined || indices === undefined) throw new RangeError("expected two results");
    return { values: this.wrap(values), indices: this.wrap(indices) };
  }
}
