import assert from "node:assert/strict";
import { test } from "node:test";
import { cat, OutOfMemoryError, ShapeError, stack, Tensor, tensor, where } from "./index.ts";

const numbers = (x: Tensor) => [...x.data()].map(Number);

test("a tensor says what it is", () => {
  const x = Tensor.zeros([2, 3], { dtype: "int16" });
  assert.deepEqual(
    [x.shape, x.strides, x.ndim, x.numel, x.dtype, x.device, x.isContiguous, x.requiresGrad],
    [[2, 3], [3, 1], 2, 6, "int16", "cpu", true, false],
  );
  assert.equal(x.transpose(0, 1).isContiguous, false);
});

test("factories fill with what their name says", () => {
  assert.deepEqual(numbers(Tensor.zeros([2])), [0, 0]);
  assert.deepEqual(numbers(Tensor.ones([2], { dtype: "bool" })), [1, 1]);
  assert.deepEqual(numbers(Tensor.full([2], 2.5)), [2.5, 2.5]);
  assert.deepEqual(numbers(Tensor.full([2], 3, { dtype: "int64" })), [3, 3]);
  const large = 2n ** 60n + 1n; // no number
  const x = Tensor.full([1], large, { dtype: "int64" });
  assert.equal(x.item(), large);
  const index = Tensor.zeros([1], { dtype: "int64" });
  assert.equal(x.scatter(0, index, large + 1n).item(), large + 1n);
  assert.equal(x.maskedFill(Tensor.ones([1], { dtype: "bool" }), large + 2n).item(), large + 2n);
  assert.deepEqual(numbers(Tensor.arange(4)), [0, 1, 2, 3]);
  assert.deepEqual(numbers(Tensor.arange(7, { start: 1, step: 2, dtype: "int64" })), [1, 3, 5]);
  assert.deepEqual(numbers(Tensor.eye(2)), [1, 0, 0, 1]);
  assert.deepEqual(Tensor.empty([2, 0, 3]).shape, [2, 0, 3]);
  assert.equal(Tensor.ones([1], { requiresGrad: true }).requiresGrad, true);
});

test("cat, stack and where join tensors", () => {
  const [a, b] = [tensor([1, 2]), tensor([3, 4])];
  assert.deepEqual(numbers(cat([a, b])), [1, 2, 3, 4]);
  assert.deepEqual(stack([a, b], 1).shape, [2, 2]);
  assert.deepEqual(numbers(where(tensor([true, false]), a, b)), [1, 4]);
  assert.throws(() => cat([]), { name: "ENGINE" });
});

test("parts without end are refused, also where they are empty", () => {
  const empty = Tensor.zeros([0, 3]);
  assert.equal(empty.chunk(3).length, 3);
  assert.equal(tensor([1, 2, 3]).chunk(1e12).length, 3);
  const tooMany = {
    name: "ENGINE_ARGUMENT",
    message: /expected at most 1000000 parts, got 10{12}$/,
  };
  assert.throws(() => empty.chunk(1e12), tooMany);
  assert.throws(() => empty.chunk(1e12, -2), tooMany);
  const wide = Tensor.zeros([0, 1e12]);
  assert.throws(() => wide.chunk(1e12, 1), tooMany);
  assert.throws(() => wide.split(1, 1), tooMany);
  assert.throws(() => wide.unbind(-1), tooMany);
  assert.throws(() => tensor([1]).chunk(2, 7), { name: "ENGINE" });
});

test("to returns the tensor itself when nothing changes", () => {
  const x = Tensor.ones([2]);
  assert.equal(x.to({}), x);
  assert.equal(x.to({ dtype: "float32", device: "cpu" }), x);
  assert.notEqual(x.to({ dtype: "float64" }), x);
});

test("copyInto converts, and returns nothing", () => {
  const target = Tensor.zeros([2], { dtype: "uint16" });
  tensor([1.9, 300]).copyInto(target);
  assert.deepEqual(numbers(target), [1, 300]);
});

test("takeTokens names the axes that do not fit", () => {
  const index = Tensor.zeros([2, 1], { dtype: "int64" });
  assert.throws(() => Tensor.ones([2, 3]).takeTokens(index), ShapeError);
  assert.throws(() => Tensor.ones([1, 3, 4]).takeTokens(index), ShapeError);
  assert.throws(() => Tensor.ones([2, 3, 4]).takeTokens(index.add(5)), { name: "ENGINE" });
});

test("interpolation of what it cannot do is refused", () => {
  const image = Tensor.ones([1, 1, 4]);
  assert.throws(() => image.interpolate({ size: [2], mode: "bicubic" }), ShapeError);
});

test("a tensor that the machine cannot hold is refused, and says how much was asked for", () => {
  assert.throws(
    () => Tensor.zeros([1e14]),
    (error) => error instanceof OutOfMemoryError && /372529\.02 GiB/.test(error.message),
  );
  assert.throws(() => Tensor.zeros([2 ** 40, 2 ** 40]), { name: "ENGINE" });
});

test("an error names the operator, shapes and dtypes", () => {
  assert.throws(() => Tensor.ones([2, 3]).matmul(Tensor.ones([2, 3], { dtype: "bfloat16" })), {
    name: "ENGINE",
    message: /^aten::matmul: .*\n {2}called with self=float32\[2, 3\], other=bfloat16\[2, 3\]$/s,
  });
});
