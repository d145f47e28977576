import assert from "node:assert/strict";
import { Generator, Tensor } from "@cell-observatory/engine";
import { tensorTest } from "../../test/support/tensor-test.ts";
import { DropPath } from "./drop-path.ts";
import { Dropout } from "./dropout.ts";

const ones = (...shape: number[]) => Tensor.ones(shape);

tensorTest("a sample's branch is dropped whole, or scaled so that the mean stays", () => {
  using path = new DropPath(0.25, new Generator(0));
  const { scale } = path.waiting(ones(4000, 2), ones(4000, 2));
  assert.ok(scale);
  const factors = Array.from(scale.data(), Number).map((x) => Number(x.toFixed(6)));
  assert.deepEqual([...new Set(factors)].sort(), [0, 1.333333]);
  const kept = factors.filter((x) => x > 0).length / factors.length;
  assert.ok(Math.abs(kept - 0.75) < 0.03, `${kept} kept`);
});

tensorTest("drop path draws from its generator alone", () => {
  const rng = new Generator(3);
  using path = new DropPath(0.5, rng);
  const factors = () => [...(path.waiting(ones(32, 4), ones(32, 4)).scale?.data() ?? [])];
  const state = rng.state();
  const first = factors();
  assert.notDeepEqual(factors(), first);
  rng.setState(state);
  assert.deepEqual(factors(), first);
});

tensorTest("drop path leaves branches whole in evaluation, or with rate 0", () => {
  using off = new DropPath(0, new Generator(0));
  using on = new DropPath(0.5, new Generator(0)).eval();
  for (const path of [off, on]) assert.equal(path.waiting(ones(8, 4), ones(8, 4)).scale, null);
});

tensorTest("dropout changes nothing in evaluation, or with rate 0", () => {
  using off = new Dropout(0, new Generator(0));
  using on = new Dropout(0.5, new Generator(0)).eval();
  const x = ones(8, 4);
  for (const layer of [off, on]) assert.equal(layer.forward(x), x);
});

tensorTest("dropout draws from its generator alone", () => {
  const rng = new Generator(3);
  using layer = new Dropout(0.5, rng);
  const state = rng.state();
  const first = [...layer.forward(ones(32, 4)).data()];
  assert.notDeepEqual([...layer.forward(ones(32, 4)).data()], first);
  rng.setState(state);
  assert.deepEqual([...layer.forward(ones(32, 4)).data()], first);
});

tensorTest("Dropout drops single values, in the dtype of its input", () => {
  using dropout = new Dropout(0.5, new Generator(0));
  const y = dropout.forward(Tensor.ones([64, 64], { dtype: "bfloat16" }));
  assert.equal(y.dtype, "bfloat16");
  assert.deepEqual([...new Set(Array.from(y.data(), Number))].sort(), [0, 2]);
  const kept = Number(y.ne(0).to({ dtype: "float32" }).mean().item());
  assert.ok(Math.abs(kept - 0.5) < 0.05, `${kept} kept`);
});

for (const rate of [0.1, 0.5, 0.9]) {
  tensorTest(`of values and of samples, ${rate} are dropped, and the mean stays`, () => {
    const num = 200_000;
    const deviation = Math.sqrt((rate * (1 - rate)) / num);
    using dropout = new Dropout(rate, new Generator(1));
    using path = new DropPath(rate, new Generator(2));
    const values = dropout.forward(ones(num));
    const samples = path.waiting(ones(num, 1), ones(num, 1)).scale ?? assert.fail();
    for (const scaled of [values, samples]) {
      const kept = Number(scaled.ne(0).to({ dtype: "float32" }).mean().item());
      assert.ok(Math.abs(kept - (1 - rate)) < 5 * deviation, `${kept} kept of ${1 - rate}`);
      const mean = Number(scaled.mean().item());
      assert.ok(Math.abs(mean - 1) < (5 * deviation) / (1 - rate) + 1e-4, `mean ${mean}`);
    }
    // one value does not tell of the next: of neighbours, both are kept as often as chance has it
    const isKept = values.ne(0).to({ dtype: "float32" });
    const both = Number(
      isKept
        .narrow(0, 0, num - 1)
        .mul(isKept.narrow(0, 1, num - 1))
        .mean()
        .item(),
    );
    assert.ok(Math.abs(both - (1 - rate) ** 2) < 10 * deviation, `${both} of both kept`);
  });
}
