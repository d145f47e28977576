import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { operatorTypesFile } from "../codegen/operator-types.ts";
import { engine } from "./binding.ts";
import { EngineArgumentError, Generator, op, Tensor, tensor, uncheckedOp } from "./index.ts";

const numbers = (x: Tensor) => [...x.data()].map(Number);

test("the types of the operators are those that the code generator writes", () => {
  const file = new URL("./ops.gen.ts", import.meta.url);
  const written = new Set(readFileSync(file, "utf8").split("\n"));
  const generated = new Set(operatorTypesFile(engine()).split("\n"));
  const differing = [...written.symmetricDifference(generated)];
  assert.deepEqual(differing, [], "run: node packages/engine/codegen/main.ts");
});

test("every operator of the dispatcher can be looked up", () => {
  const names = engine().operators();
  assert.ok(names.length > 3400, `${names.length}`);
  for (const name of names) assert.equal(typeof engine().operator(name), "function", name);
});

test("arguments are positional, and undefined is the default", () => {
  const add = op("aten::add.Tensor");
  const [x, y] = [tensor([1, 2]), tensor([10, 20])];
  assert.deepEqual(numbers(add(x, y)), [11, 22]);
  assert.deepEqual(numbers(add(x, y, undefined)), [11, 22]);
  assert.deepEqual(numbers(add(x, y, 0.5)), [6, 12]);
});

test("every kind of argument and result passes the door", () => {
  const x = tensor([
    [1, 2],
    [3, 4],
  ]);
  assert.deepEqual(numbers(op("aten::index.Tensor")(x, [null, tensor([1n])])), [2, 4]);
  assert.deepEqual(numbers(op("aten::cat")([x, x], 1)).length, 8);
  assert.deepEqual(op("aten::split.Tensor")(x, 1).length, 2);
  assert.equal(op("aten::equal")(x, x), true);
  assert.equal(op("aten::dim")(x), 2);
  assert.equal(op("aten::result_type.Tensor")(x, tensor([1n])), "float32");
  assert.equal(op("aten::item")(tensor(2.5)), 2.5);
  assert.deepEqual(op("aten::item")(Tensor.from([1, 2], { dtype: "complex64" })), { re: 1, im: 2 });
  assert.deepEqual(op("aten::max.dim")(x, 1).map(numbers), [
    [2, 4],
    [1, 1],
  ]);
  assert.equal(op("aten::empty.memory_format")([2], "int8").dtype, "int8");
  const format = op("aten::clone")(Tensor.ones([1, 2, 3, 3]), "channels_last");
  assert.deepEqual(format.strides, [18, 1, 6, 2]);
  const [a, b] = [0, 0].map((seed) => op("aten::rand.generator")([3], new Generator(seed)));
  assert.ok(a && b);
  assert.deepEqual(numbers(a), numbers(b));
  const complex = op("aten::full")([1], { re: 1, im: -1 }, "complex64");
  assert.deepEqual(numbers(complex), [1, -1]);
  assert.equal(op("aten::to.dtype")(x, "float64").dtype, "float64");
  assert.deepEqual(numbers(op("aten::fill_.Scalar")(tensor([1n]), 2n ** 60n)), [2 ** 60]);
});

test("what an operator writes to is what it returns", () => {
  const x = tensor([1, 2]);
  assert.equal(op("aten::add_.Tensor")(x, x), x);
  const out = Tensor.empty([2]);
  assert.equal(op("aten::add.out")(x, x, 1, out), out);
  const [values, indices] = [Tensor.empty([0]), Tensor.empty([0], { dtype: "int64" })];
  const results = op("aten::sort.values")(x, 0, false, values, indices);
  assert.deepEqual([results[0] === values, results[1] === indices], [true, true]);
});

test("a result that finds no memory has the shape that it had", () => {
  const over = Tensor.over(new ArrayBuffer(16), { shape: [2, 2], dtype: "float32" });
  const own = Tensor.zeros([2, 2]).transpose(0, 1);
  for (const x of [over, own]) {
    const { strides } = x;
    assert.throws(() => op("aten::resize_")(x, [1e13]), { name: /ENGINE|OUT_OF_MEMORY/ });
    assert.deepEqual([x.shape, x.strides, numbers(x)], [[2, 2], strides, [0, 0, 0, 0]]);
  }
  assert.throws(() => op("aten::add.out")(Tensor.ones([99]), Tensor.ones([99]), 1, over));
  assert.deepEqual(numbers(over), [0, 0, 0, 0]);
});

test("an operator without results returns undefined", () => {
  const x = tensor([1, 2]);
  assert.equal(op("aten::_foreach_mul_.Scalar")([x], 3), undefined);
  assert.deepEqual(numbers(x), [3, 6]);
});

test("an operator that is not there names its overloads", () => {
  assert.throws(() => op("aten::add" as never), /there are aten::add\.Scalar, aten::add\.Tensor/);
  assert.throws(() => op("aten::no_such" as never), /no operator is named 'aten::no_such'/);
  assert.throws(() => op("" as never), /no operator is named ''/);
});

test("arguments of a wrong kind are refused by name", () => {
  const add = op("aten::add.Tensor") as unknown as (...args: unknown[]) => unknown;
  const x = tensor([1, 2]);
  const refused: readonly (readonly [readonly unknown[], RegExp])[] = [
    [[], /self is missing/],
    [[x], /other is missing/],
    [[x, 3], /other: expected a tensor, got number 3/],
    [[x, { slot: x.slot }], /expected a tensor/],
    [[x, x, "1"], /a number, a boolean, a BigInt or \{ re, im \} for alpha, got a string/],
    [[x, x, {}], /expected a number for alpha, got undefined/],
    [[x, x, 1, 2], /at most 3 arguments, got 4/],
    [[x, null], /other/],
  ];
  for (const [args, message] of refused) {
    assert.throws(
      () => add(...args),
      (error) => error instanceof EngineArgumentError && message.test(error.message),
      String(message),
    );
  }
  const view = op("aten::view") as unknown as (...args: unknown[]) => unknown;
  assert.throws(() => view(x, [1.5]), /expected an integer for size, got 1\.5/);
  assert.throws(() => view(x, ["2"]), /expected an integer for size, got a string/);
  assert.throws(() => view(x, 2), /an array of integers for size, got a number/);
  assert.throws(() => view(x, [2n ** 70n]), /over 64 bits/);
  assert.throws(() => view(x, new Array(2 ** 32 - 1)), /an integer for size, got undefined/);
  assert.throws(() => view(x, [-(2n ** 63n)]), Error);
  const to = op("aten::to.dtype") as unknown as (...args: unknown[]) => unknown;
  assert.throws(() => to(x, "float31"), { name: "DTYPE" });
  assert.throws(() => to(x, 999), { name: "DTYPE", message: /got 999/ });
  assert.throws(() => to(x, "constructor"), { name: "DTYPE", message: /got constructor/ });
  const clone = op("aten::clone") as unknown as (...args: unknown[]) => unknown;
  assert.throws(() => clone(x, "toString"), /expected one of contiguous, preserve/);
});

test("an operator that trusts its caller is refused by op, and given by uncheckedOp", () => {
  assert.throws(() => op("aten::_softmax"), {
    name: "UNCHECKED_OPERATOR",
    message: /aten::_softmax is internal to PyTorch/,
  });
  assert.throws(() => op("aten::adaptive_max_pool2d"), { name: "UNCHECKED_OPERATOR" });
  assert.throws(() => op("aten::embedding_bag.padding_idx"), { name: "UNCHECKED_OPERATOR" });
  assert.throws(() => op("aten::set_.source_Tensor_storage_offset"), {
    name: "UNCHECKED_OPERATOR",
    message: /stays within its memory/,
  });
  assert.deepEqual(numbers(uncheckedOp("aten::_softmax")(tensor([1, 1]), 0, false)), [0.5, 0.5]);
});
