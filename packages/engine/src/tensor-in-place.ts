import { operators } from "./native-operator.ts";
import type { Generator } from "./random.ts";
import type { Tensor } from "./tensor.ts";
import { TensorNn } from "./tensor-nn.ts";
import type { Scalar } from "./tensor-pointwise.ts";

const aten = operators({
  add: "aten::add_.Tensor",
  addScalar: "aten::add_.Scalar",
  clamp: "aten::clamp_",
  copy: "aten::copy_",
  div: "aten::div_.Tensor",
  divScalar: "aten::div_.Scalar",
  fill: "aten::fill_.Scalar",
  mul: "aten::mul_.Tensor",
  mulScalar: "aten::mul_.Scalar",
  normal: "aten::normal_",
  sub: "aten::sub_.Tensor",
  subScalar: "aten::sub_.Scalar",
  uniform: "aten::uniform_",
  zero: "aten::zero_",
});

/** Methods that change the tensor's own memory, and return it. */
export abstract class TensorInPlace extends TensorNn {
  add_(other: Tensor | Scalar, alpha: number = 1): this {
    if (typeof other === "object") aten.add(this.slot, other.slot, alpha);
    else aten.addScalar(this.slot, other, alpha);
    return this;
  }

  sub_(other: Tensor | Scalar, alpha: number = 1): this {
    if (typeof other === "object") aten.sub(this.slot, other.slot, alpha);
    else aten.subScalar(this.slot, other, alpha);
    return this;
  }

  mul_(other: Tensor | Scalar): this {
    if (typeof other === "object") aten.mul(this.slot, other.slot);
    else aten.mulScalar(this.slot, other);
    return this;
  }

  div_(other: Tensor | Scalar): this {
    if (typeof other === "object") aten.div(this.slot, other.slot);
    else aten.divScalar(this.slot, other);
    return this;
  }

  zero_(): this {
    aten.zero(this.slot);
    return this;
  }

  fill_(value: Scalar): this {
    aten.fill(this.slot, value);
    return this;
  }

  /** Copies `source`, which broadcasts, and may have another dtype or device. */
  copy_(source: Tensor): this {
    aten.copy(this.slot, source.slot, false);
    return this;
  }

  /** Limits to [min, max]; null is no limit. */
  clamp_(min: Scalar | null, max: Scalar | null = null): this {
    aten.clamp(this.slot, min, max);
    return this;
  }

  /** Draws from a normal distribution. */
  normal_(mean: number, std: number, generator?: Generator): this {
    aten.normal(this.slot, mean, std, generator?.handle);
    return this;
  }

  /** Draws uniformly from [from, to). */
  uniform_(from: number, to: number, generator?: Generator): this {
    aten.uniform(this.slot, from, to, generator?.handle);
    return this;
  }
}
