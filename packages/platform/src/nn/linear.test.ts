import assert from "node:assert/strict";
import { Generator, Tensor } from "@cell-observatory/engine";
import { tensorTest } from "../../test/support/tensor-test.ts";
import { Linear } from "./linear.ts";

for (const { shape, outputs } of [
  { shape: [4], outputs: 3 },
  { shape: [2, 4], outputs: 3 },
  { shape: [2, 3, 5, 4], outputs: 1 },
  { shape: [0, 4], outputs: 3 },
]) {
  tensorTest(`an input of [${shape}] keeps its axes but the last, which is ${outputs}`, () => {
    using linear = new Linear({ inputs: 4, outputs }, new Generator(0));
    const y = linear.forward(Tensor.ones(shape));
    assert.deepEqual(y.shape, [...shape.slice(0, -1), outputs]);
  });
}

tensorTest("the same seed draws the same weights, another seed others", () => {
  const weights = (seed: number) => {
    using linear = new Linear({ inputs: 4, outputs: 3 }, new Generator(seed));
    return [...linear.weight.data()];
  };
  assert.deepEqual(weights(1), weights(1));
  assert.notDeepEqual(weights(1), weights(2));
});

tensorTest(
  "mae draws uniformly within Glorot's bound, and packed matrices each within their own",
  () => {
    const options = { inputs: 100, outputs: 300 };
    for (const { packed, fanOut } of [
      { packed: 1, fanOut: 300 },
      { packed: 3, fanOut: 100 },
    ]) {
      using linear = new Linear({ ...options, packed }, new Generator(0));
      const bound = Math.sqrt(6 / (100 + fanOut));
      const largest = Number(linear.weight.abs().amax().item());
      assert.ok(largest <= bound && largest > 0.999 * bound, `${largest} of ${bound}`);
      assert.equal(Number(linear.bias?.abs().sum().item()), 0);
    }
  },
);

tensorTest("vjepa2 draws from a normal distribution of deviation init_std", () => {
  const init = { weight_init_type: "vjepa2", init_std: 0.05 } as const;
  using linear = new Linear({ inputs: 200, outputs: 200, ...init }, new Generator(0));
  assert.ok(Math.abs(Number(linear.weight.std().item()) - 0.05) < 1e-3);
  assert.ok(Math.abs(Number(linear.weight.mean().item())) < 1e-3);
});
