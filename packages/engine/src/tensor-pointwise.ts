import { operators } from "./native-operator.ts";
import type { Tensor } from "./tensor.ts";
import { TensorCore } from "./tensor-core.ts";

/** A number where an operator takes one. An integer keeps the dtype of an integer tensor. */
export type Scalar = number | bigint | boolean;

const aten = operators({
  abs: "aten::abs",
  add: "aten::add.Tensor",
  addScalar: "aten::add.Scalar",
  clamp: "aten::clamp",
  cos: "aten::cos",
  div: "aten::div.Tensor",
  divScalar: "aten::div.Scalar",
  eq: "aten::eq.Tensor",
  eqScalar: "aten::eq.Scalar",
  erf: "aten::erf",
  exp: "aten::exp",
  floor: "aten::floor",
  ge: "aten::ge.Tensor",
  geScalar: "aten::ge.Scalar",
  gt: "aten::gt.Tensor",
  gtScalar: "aten::gt.Scalar",
  isfinite: "aten::isfinite",
  isnan: "aten::isnan",
  le: "aten::le.Tensor",
  leScalar: "aten::le.Scalar",
  log: "aten::log",
  log1p: "aten::log1p",
  logicalAnd: "aten::logical_and",
  logicalNot: "aten::logical_not",
  logicalOr: "aten::logical_or",
  lt: "aten::lt.Tensor",
  ltScalar: "aten::lt.Scalar",
  maximum: "aten::maximum",
  minimum: "aten::minimum",
  mul: "aten::mul.Tensor",
  mulScalar: "aten::mul.Scalar",
  ne: "aten::ne.Tensor",
  neScalar: "aten::ne.Scalar",
  neg: "aten::neg",
  pow: "aten::pow.Tensor_Tensor",
  powScalar: "aten::pow.Tensor_Scalar",
  reciprocal: "aten::reciprocal",
  remainder: "aten::remainder.Tensor",
  remainderScalar: "aten::remainder.Scalar",
  round: "aten::round",
  rsqrt: "aten::rsqrt",
  sign: "aten::sign",
  sin: "aten::sin",
  sqrt: "aten::sqrt",
  square: "aten::square",
  sub: "aten::sub.Tensor",
  subScalar: "aten::sub.Scalar",
  viewAsComplex: "aten::view_as_complex",
  viewAsReal: "aten::view_as_real",
});

/** Element by element, with broadcasting. */
export abstract class TensorPointwise extends TensorCore {
  /** `this + alpha * other` */
  add(other: Tensor | Scalar, alpha: number = 1): Tensor {
    return this.wrap(
      typeof other === "object"
        ? aten.add(this.slot, other.slot, alpha)
        : aten.addScalar(this.slot, other, alpha),
    );
  }

  /** `this - alpha * other` */
  sub(other: Tensor | Scalar, alpha: number = 1): Tensor {
    return this.wrap(
      typeof other === "object"
        ? aten.sub(this.slot, other.slot, alpha)
        : aten.subScalar(this.slot, other, alpha),
    );
  }

  mul(other: Tensor | Scalar): Tensor {
    return this.wrap(
      typeof other === "object"
        ? aten.mul(this.slot, other.slot)
        : aten.mulScalar(this.slot, other),
    );
  }

  /** True division: integers give floats. */
  div(other: Tensor | Scalar): Tensor {
    return this.wrap(
      typeof other === "object"
        ? aten.div(this.slot, other.slot)
        : aten.divScalar(this.slot, other),
    );
  }

  /** The remainder with the sign of the divisor, as `%` in Python. */
  remainder(other: Tensor | Scalar): Tensor {
    return this.wrap(
      typeof other === "object"
        ? aten.remainder(this.slot, other.slot)
        : aten.remainderScalar(this.slot, other),
    );
  }

  pow(exponent: Tensor | Scalar): Tensor {
    return this.wrap(
      typeof exponent === "object"
        ? aten.pow(this.slot, exponent.slot)
        : aten.powScalar(this.slot, exponent),
    );
  }

  eq(other: Tensor | Scalar): Tensor {
    return this.wrap(
      typeof other === "object" ? aten.eq(this.slot, other.slot) : aten.eqScalar(this.slot, other),
    );
  }

  ne(other: Tensor | Scalar): Tensor {
    return this.wrap(
      typeof other === "object" ? aten.ne(this.slot, other.slot) : aten.neScalar(this.slot, other),
    );
  }

  lt(other: Tensor | Scalar): Tensor {
    return this.wrap(
      typeof other === "object" ? aten.lt(this.slot, other.slot) : aten.ltScalar(this.slot, other),
    );
  }

  le(other: Tensor | Scalar): Tensor {
    return this.wrap(
      typeof other === "object" ? aten.le(this.slot, other.slot) : aten.leScalar(this.slot, other),
    );
  }

  gt(other: Tensor | Scalar): Tensor {
    return this.wrap(
      typeof other === "object" ? aten.gt(this.slot, other.slot) : aten.gtScalar(this.slot, other),
    );
  }

  ge(other: Tensor | Scalar): Tensor {
    return this.wrap(
      typeof other === "object" ? aten.ge(this.slot, other.slot) : aten.geScalar(this.slot, other),
    );
  }

  minimum(other: Tensor): Tensor {
    return this.wrap(aten.minimum(this.slot, other.slot));
  }

  maximum(other: Tensor): Tensor {
    return this.wrap(aten.maximum(this.slot, other.slot));
  }

  /** Limits to [min, max]; null is no limit. */
  clamp(min: Scalar | null, max: Scalar | null = null): Tensor {
    return this.wrap(aten.clamp(this.slot, min, max));
  }

  neg(): Tensor {
    return this.wrap(aten.neg(this.slot));
  }

  abs(): Tensor {
    return this.wrap(aten.abs(this.slot));
  }

  sign(): Tensor {
    return this.wrap(aten.sign(this.slot));
  }

  square(): Tensor {
    return this.wrap(aten.square(this.slot));
  }

  sqrt(): Tensor {
    return this.wrap(aten.sqrt(this.slot));
  }

  rsqrt(): Tensor {
    return this.wrap(aten.rsqrt(this.slot));
  }

  reciprocal(): Tensor {
    return this.wrap(aten.reciprocal(this.slot));
  }

  exp(): Tensor {
    return this.wrap(aten.exp(this.slot));
  }

  log(): Tensor {
    return this.wrap(aten.log(this.slot));
  }

  log1p(): Tensor {
    return this.wrap(aten.log1p(this.slot));
  }

  sin(): Tensor {
    return this.wrap(aten.sin(this.slot));
  }

  cos(): Tensor {
    return this.wrap(aten.cos(this.slot));
  }

  erf(): Tensor {
    return this.wrap(aten.erf(this.slot));
  }

  /** To the nearest integer, halves to the even one. */
  round(): Tensor {
    return this.wrap(aten.round(this.slot));
  }

  floor(): Tensor {
    return this.wrap(aten.floor(this.slot));
  }

  isfinite(): Tensor {
    return this.wrap(aten.isfinite(this.slot));
  }

  isnan(): Tensor {
    return this.wrap(aten.isnan(this.slot));
  }

  logicalAnd(other: Tensor): Tensor {
    return this.wrap(aten.logicalAnd(this.slot, other.slot));
  }

  logicalOr(other: Tensor): Tensor {
    return this.wrap(aten.logicalOr(this.slot, other.slot));
  }

  logicalNot(): Tensor {
    return this.wrap(aten.logicalNot(this.slot));
  }

  /** [... 2] real -> [...] complex; a view. */
  viewAsComplex(): Tensor {
    return this.wrap(aten.viewAsComplex(this.slot));
  }

  /** [...] complex -> [... 2] real; a view. */
  viewAsReal(): Tensor {
    return this.wrap(aten.viewAsReal(this.slot));
  }
}
