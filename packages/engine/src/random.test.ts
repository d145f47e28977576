import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultGenerator, Generator, manualSeed, Tensor } from "./index.ts";

const draw = (generator?: Generator) => [...Tensor.randn([20], { generator }).data()];

test("one seed gives one stream, another seed another", () => {
  assert.deepEqual(draw(new Generator(5)), draw(new Generator(5)));
  assert.notDeepEqual(draw(new Generator(5)), draw(new Generator(6)));
});

test("seed 0 gives PyTorch's numbers", () => {
  const x = Tensor.randn([4], { generator: new Generator(0) }).data();
  const expected = [
    1.5409960746765137, -0.293428897857666, -2.1787893772125244, 0.5684312582015991,
  ];
  assert.deepEqual([...x], expected);
});

test("a state that was read brings the stream back to where it was", () => {
  const rng = new Generator(1);
  draw(rng);
  const state = rng.state();
  const next = draw(rng);
  rng.setState(state);
  assert.deepEqual(draw(rng), next);
  const other = new Generator(99);
  other.setState(state);
  assert.deepEqual(draw(other), next);
});

test("a generator says its seed, and begins another stream when it is seeded", () => {
  const rng = new Generator(2n ** 62n);
  assert.equal(rng.seed, 2n ** 62n);
  rng.manualSeed(7);
  assert.equal(rng.seed, 7);
  assert.deepEqual(draw(rng), draw(new Generator(7)));
});

test("the default generator is what operators draw from without one", () => {
  manualSeed(3);
  assert.deepEqual(draw(), draw(new Generator(3)));
  const state = defaultGenerator().state();
  const next = draw();
  defaultGenerator().setState(state);
  assert.deepEqual(draw(), next);
});

test("draws stay within what was asked for", () => {
  const generator = new Generator(0);
  const ints = [...Tensor.randint(-3, 4, [500], { generator }).data()].map(Number);
  assert.deepEqual(
    [...new Set(ints)].sort((a, b) => a - b),
    [-3, -2, -1, 0, 1, 2, 3],
  );
  const order = [...Tensor.randperm(50, { generator }).data()].map(Number);
  assert.deepEqual(
    order.sort((a, b) => a - b),
    [...Array(50).keys()],
  );
  const uniform = [...Tensor.empty([500]).uniform_(2, 3, generator).data()];
  assert.ok(uniform.every((value) => value >= 2 && value < 3));
  const normal = Tensor.empty([2000]).normal_(10, 0.1, generator);
  assert.ok(Math.abs(Number(normal.mean().item()) - 10) < 0.02);
});

test("a state that is none is refused", () => {
  const rng = new Generator(0);
  assert.throws(() => rng.setState(new Uint8Array(3)), { name: "ENGINE" });
  assert.throws(() => rng.setState(new Uint8Array(0)), { name: "ENGINE" });
  draw(rng);
});

test("a seed that is no integer is refused", () => {
  assert.throws(() => new Generator(1.5), { name: "ENGINE_ARGUMENT" });
  assert.throws(() => new Generator(Number.NaN), { name: "ENGINE_ARGUMENT" });
  assert.throws(() => new Generator(2n ** 65n), { name: "ENGINE_ARGUMENT" });
});
