import assert from "node:assert/strict";
import { Generator, Tensor } from "@cell-observatory/engine";
import { tensorTest } from "../../test/support/tensor-test.ts";
import { DropPath } from "./drop-path.ts";
import { Dropout } from "./dropout.ts";

tensorTest("a sample is dropped whole, or kept and scaled so that the mean stays", () => {
  using path = new DropPath(0.25, new Generator(0));
  const rows = path.forward(Tensor.ones([4000, 2, 3])).reshape([4000, 6]);
  assert.deepEqual([...rows.amin(1).data()], [...rows.amax(1).data()]);
  const kept = Number(rows.select(1, 0).ne(0).to({ dtype: "float32" }).mean().item());
  assert.ok(Math.abs(kept - 0.75) < 0.03, `${kept} kept`);
  assert.ok(Math.abs(Number(rows.amax().item()) - 1 / 0.75) < 1e-6);
});

for (const [name, Layer] of [
  ["DropPath", DropPath],
  ["Dropout", Dropout],
] as const) {
  tensorTest(`${name} changes nothing in evaluation, or with rate 0`, () => {
    using off = new Layer(0, new Generator(0));
    using on = new Layer(0.5, new Generator(0));
    const x = Tensor.ones([8, 4]);
    assert.equal(off.forward(x), x);
    assert.equal(on.eval().forward(x), x);
  });

  tensorTest(`${name} draws from its generator alone`, () => {
    const rng = new Generator(3);
    using layer = new Layer(0.5, rng);
    const state = rng.state();
    const first = [...layer.forward(Tensor.ones([32, 4])).data()];
    assert.notDeepEqual([...layer.forward(Tensor.ones([32, 4])).data()], first);
    rng.setState(state);
    assert.deepEqual([...layer.forward(Tensor.ones([32, 4])).data()], first);
  });
}

tensorTest("Dropout drops single values, in the dtype of its input", () => {
  using dropout = new Dropout(0.5, new Generator(0));
  const y = dropout.forward(Tensor.ones([64, 64], { dtype: "bfloat16" }));
  assert.equal(y.dtype, "bfloat16");
  assert.deepEqual([...new Set(Array.from(y.data(), Number))].sort(), [0, 2]);
  const kept = Number(y.ne(0).to({ dtype: "float32" }).mean().item());
  assert.ok(Math.abs(kept - 0.5) < 0.05, `${kept} kept`);
});
