import type { Device } from "./device.ts";
import { type Dtype, dtypeCode } from "./dtype.ts";
import { EngineArgumentError } from "./errors.ts";
import { listOperators, operators } from "./native-operator.ts";
import type { Tensor } from "./tensor.ts";
import type { Scalar } from "./tensor-pointwise.ts";
import { TensorReduce } from "./tensor-reduce.ts";

const aten = operators({
  clone: "aten::clone",
  contiguous: "aten::contiguous",
  detach: "aten::detach",
  expand: "aten::expand",
  flatten: "aten::flatten.using_ints",
  flip: "aten::flip",
  gather: "aten::gather",
  indexSelect: "aten::index_select",
  maskedFill: "aten::masked_fill.Scalar",
  narrow: "aten::narrow",
  permute: "aten::permute",
  repeat: "aten::repeat",
  reshape: "aten::reshape",
  roll: "aten::roll",
  scatter: "aten::scatter.src",
  scatterScalar: "aten::scatter.value",
  select: "aten::select.int",
  slice: "aten::slice.Tensor",
  squeeze: "aten::squeeze",
  squeezeAxis: "aten::squeeze.dim",
  takeAlongDim: "aten::take_along_dim",
  to: "aten::_to_copy",
  transpose: "aten::transpose.int",
  unsqueeze: "aten::unsqueeze",
  view: "aten::view",
});
const lists = listOperators({
  chunk: "aten::chunk",
  split: "aten::split.Tensor",
  splitSizes: "aten::split_with_sizes",
  unbind: "aten::unbind.int",
});

/** More are a mistake, and take longer to make than anybody waits. */
const maxParts = 1_000_000;

/** The same elements in another shape, order, dtype or place; and parts of them. */
export abstract class TensorShape extends TensorReduce {
  /** A view where one is possible, else a copy. One size may be -1. */
  reshape(shape: readonly number[]): Tensor {
    return this.wrap(aten.reshape(this.slot, shape));
  }

  view(shape: readonly number[]): Tensor {
    return this.wrap(aten.view(this.slot, shape));
  }

  permute(axes: readonly number[]): Tensor {
    return this.wrap(aten.permute(this.slot, axes));
  }

  transpose(axis0: number, axis1: number): Tensor {
    return this.wrap(aten.transpose(this.slot, axis0, axis1));
  }

  /** Repeats axes of size 1 without a copy; -1 keeps a size. */
  expand(shape: readonly number[]): Tensor {
    return this.wrap(aten.expand(this.slot, shape));
  }

  squeeze(axis?: number): Tensor {
    return this.wrap(
      axis === undefined ? aten.squeeze(this.slot) : aten.squeezeAxis(this.slot, axis),
    );
  }

  unsqueeze(axis: number): Tensor {
    return this.wrap(aten.unsqueeze(this.slot, axis));
  }

  flatten(firstAxis: number = 0, lastAxis: number = -1): Tensor {
    return this.wrap(aten.flatten(this.slot, firstAxis, lastAxis));
  }

  /** `length` elements from `start` along an axis; a view. */
  narrow(axis: number, start: number, length: number): Tensor {
    return this.wrap(aten.narrow(this.slot, axis, start, length));
  }

  /** One element along an axis, which goes away; a view. */
  select(axis: number, index: number): Tensor {
    return this.wrap(aten.select(this.slot, axis, index));
  }

  /** Elements [start, end) along an axis, as Python's x[start:end:step]; a view. */
  slice(axis: number, start?: number, end?: number, step: number = 1): Tensor {
    return this.wrap(aten.slice(this.slot, axis, start, end, step));
  }

  indexSelect(axis: number, index: Tensor): Tensor {
    return this.wrap(aten.indexSelect(this.slot, axis, index.slot));
  }

  gather(axis: number, index: Tensor): Tensor {
    return this.wrap(aten.gather(this.slot, axis, index.slot));
  }

  scatter(axis: number, index: Tensor, source: Tensor | Scalar): Tensor {
    return this.wrap(
      typeof source === "object"
        ? aten.scatter(this.slot, axis, index.slot, source.slot)
        : aten.scatterScalar(this.slot, axis, index.slot, source),
    );
  }

  /** `gather` with an index that broadcasts along the other axes, and is taken modulo the size. */
  takeAlongDim(index: Tensor, axis: number): Tensor {
    return this.wrap(aten.takeAlongDim(this.slot, index.slot, axis));
  }

  /**
   * Rows of [B N D] by [B K] int64: [B K D].
   *
   * @throws {@link ShapeError}, and {@link EngineError} for an index that is not below N.
   */
  takeTokens(index_BK: Tensor): Tensor {
    const { B, D } = this.sizes("B N D");
    const { K } = index_BK.sizes("B K", { B });
    // Not take_along_dim: it takes indices modulo N.
    using index_BK1 = this.wrap(aten.unsqueeze(index_BK.slot, -1));
    using index_BKD = this.wrap(aten.expand(index_BK1.slot, [B, K, D]));
    return this.wrap(aten.gather(this.slot, 1, index_BKD.slot));
  }

  maskedFill(mask: Tensor, value: Scalar): Tensor {
    return this.wrap(aten.maskedFill(this.slot, mask.slot, value));
  }

  /**
   * Parts of `size`, or of the given sizes; views.
   *
   * @throws {@link EngineArgumentError} for more than a million parts.
   */
  split(size: number | readonly number[], axis: number = 0): Tensor[] {
    if (typeof size === "number")
      refuseParts("split", Math.ceil(this.#size(axis) / Math.max(1, size)));
    const parts =
      typeof size === "number"
        ? lists.split(this.slot, size, axis)
        : lists.splitSizes(this.slot, size, axis);
    return parts.map((slot) => this.wrap(slot));
  }

  /**
   * At most `count` parts of one size (the last may be smaller); of an empty axis, `count` empty
   * ones. Views.
   *
   * @throws {@link EngineArgumentError} for more than a million parts.
   */
  chunk(count: number, axis: number = 0): Tensor[] {
    const size = this.#size(axis);
    refuseParts("chunk", size === 0 ? count : Math.min(count, size));
    return lists.chunk(this.slot, count, axis).map((slot) => this.wrap(slot));
  }

  /**
   * The elements along an axis, without it; views.
   *
   * @throws {@link EngineArgumentError} for more than a million of them.
   */
  unbind(axis: number = 0): Tensor[] {
    refuseParts("unbind", this.#size(axis));
    return lists.unbind(this.slot, axis).map((slot) => this.wrap(slot));
  }

  repeat(counts: readonly number[]): Tensor {
    return this.wrap(aten.repeat(this.slot, counts));
  }

  flip(axes: readonly number[]): Tensor {
    return this.wrap(aten.flip(this.slot, axes));
  }

  roll(shifts: readonly number[], axes: readonly number[]): Tensor {
    return this.wrap(aten.roll(this.slot, shifts, axes));
  }

  /** A copy in another dtype or on another device; the same tensor object when nothing changes. */
  to({ dtype, device }: { dtype?: Dtype | undefined; device?: Device | undefined }): Tensor {
    const isDtype = dtype === undefined || dtype === this.dtype;
    if (isDtype && (device === undefined || device === this.device)) return this.itself();
    return this.wrap(aten.to(this.slot, dtypeCode(dtype), undefined, device));
  }

  /** The same memory, without a history. */
  detach(): Tensor {
    return this.wrap(aten.detach(this.slot));
  }

  clone(): Tensor {
    return this.wrap(aten.clone(this.slot));
  }

  contiguous(): Tensor {
    return this.wrap(aten.contiguous(this.slot));
  }

  /** Copies the elements into `target`, which may have another dtype or device. */
  copyInto(target: Tensor): void {
    target.copy_(this.itself());
  }

  protected abstract itself(): Tensor;

  /** 0 for an axis that there is not: the operator says so. */
  #size(axis: number): number {
    return this.shape.at(axis) ?? 0;
  }
}

/** Each part costs time and a tensor's memory, also where it is empty. */
function refuseParts(where: string, count: number): void {
  if (count <= maxParts) return;
  throw new EngineArgumentError(where, `expected at most ${maxParts} parts, got ${count}`, []);
}
