import assert from "node:assert/strict";
import { grad, noGrad, type Tensor } from "@cell-observatory/engine";
import { assertClose } from "./assert-close.ts";

/**
 * Compares the gradient of a scalar function for a float64 tensor with central differences, each
 * element moved by `step` both ways. The tensor must be contiguous.
 */
export function checkGradient(
  f: () => Tensor,
  x: Tensor,
  { step = 1e-5, relative = 1e-6 }: { step?: number; relative?: number } = {},
): void {
  assert.equal(x.dtype, "float64", "differences need float64");
  const [gradient] = grad([f()], [x]);
  assert.ok(gradient, "the function does not depend on the tensor");
  const elements = x.detach().reshape([-1]);
  const at = (place: number, value: number) => {
    elements.select(0, place).fill_(value);
    return Number(noGrad(f).item());
  };
  const differences = Array.from(x.data(), Number).map((value, i) => {
    const difference = (at(i, value + step) - at(i, value - step)) / (2 * step);
    elements.select(0, i).fill_(value);
    return difference;
  });
  assertClose(
    { shape: x.shape, values: gradient.data() },
    { shape: x.shape, values: differences },
    { relative, what: "gradient against differences" },
  );
}
