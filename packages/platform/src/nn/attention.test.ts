import assert from "node:assert/strict";
import { type Dtype, Generator, grad, Tensor } from "@cell-observatory/engine";
import { assertClose } from "../../test/support/assert-close.ts";
import { checkGradient } from "../../test/support/check-gradient.ts";
import { tensorTest } from "../../test/support/tensor-test.ts";
import { Attention } from "./attention.ts";

const config = { embed_dim: 24, num_heads: 3 };
const values = (x: Tensor) => ({ shape: x.shape, values: x.data() });
const tokens = (...shape: number[]) => Tensor.randn(shape, { generator: new Generator(5) });

const dtypes: readonly { dtype: Dtype; relative: number }[] = [
  { dtype: "float64", relative: 1e-5 },
  { dtype: "bfloat16", relative: 4e-2 },
  { dtype: "float16", relative: 5e-3 },
];
// Fault 18 of the reference platform: it insisted on one backend, which had neither float32 nor CPU.
for (const { dtype, relative } of dtypes) {
  for (const qk_norm of [false, true]) {
    const what = `${dtype}${qk_norm ? " with normed queries and keys" : ""}`;
    tensorTest(`attention on the CPU in ${what} is that in float32, but for rounding`, () => {
      using module = new Attention({ ...config, qk_norm }, new Generator(0));
      const x = tokens(2, 7, 24);
      const expected = values(module.forward(x));
      const found = module.to({ dtype }).forward(x.to({ dtype }));
      assert.equal(found.dtype, dtype);
      assertClose(values(found), expected, { relative, what: dtype });
    });
  }
}

for (const shape of [
  [1, 1, 24],
  [3, 5, 24],
  [2, 130, 24],
]) {
  tensorTest(`tokens of [${shape}] stay as many and as wide`, () => {
    using module = new Attention(config, new Generator(0));
    assert.deepEqual(module.forward(tokens(...shape)).shape, shape);
  });
}

tensorTest("tokens in another order give the same results in that order", () => {
  using module = new Attention(config, new Generator(0));
  const [x, order] = [tokens(2, 6, 24), Tensor.from(BigInt64Array.of(3n, 0n, 5n, 1n, 4n, 2n))];
  const expected = module.forward(x).indexSelect(1, order);
  assertClose(values(module.forward(x.indexSelect(1, order))), values(expected), {
    relative: 1e-5,
    what: "permuted",
  });
});

tensorTest("a head is as wide for 1 head as for 3: the heads share the channels", () => {
  for (const num_heads of [1, 2, 3, 24]) {
    using module = new Attention({ embed_dim: 24, num_heads }, new Generator(0));
    assert.equal(module.numParameters(), 4 * 24 * 24 + 4 * 24);
  }
});

tensorTest("dropped weights change training only, and keep their mean", () => {
  using module = new Attention({ ...config, att_drop_rate: 0.3 }, new Generator(0));
  const x = tokens(1, 6, 24);
  const still = module.eval().forward(x);
  assert.deepEqual(module.forward(x).data(), still.data());
  module.train();
  const sum = Array.from({ length: 400 }, () => module.forward(x)).reduce((a, b) => a.add(b));
  assertClose(values(sum.div(400)), values(still), { relative: 0.2, what: "mean of 400" });
});

tensorTest("the gradient agrees with differences, in float64", () => {
  using module = new Attention({ ...config, qk_norm: true }, new Generator(0));
  module.to({ dtype: "float64" });
  const x = tokens(1, 3, 24).to({ dtype: "float64" }).setRequiresGrad(true);
  const weights = tokens(1, 3, 24).to({ dtype: "float64" }).roll([5], [2]);
  checkGradient(() => module.forward(x).mul(weights).sum(), x);
});

tensorTest("a width of another size is refused, by name of axis", () => {
  using module = new Attention(config, new Generator(0));
  assert.throws(
    () => module.forward(tokens(1, 3, 20)),
    /expected shape \[B N D=24\], got \[1, 3, 20\]/,
  );
});

tensorTest("a key's bias has no gradient: it moves all scores of a query alike", () => {
  using module = new Attention(config, new Generator(0));
  const bias = module.qkv.bias;
  assert.ok(bias);
  const [gradient] = grad(
    [
      module
        .forward(tokens(2, 5, 24))
        .square()
        .sum(),
    ],
    [bias],
  );
  assert.ok(gradient);
  const [query, key] = [0, 24].map((from) => gradient.narrow(0, from, 24).abs().amax().item());
  assert.ok(Number(key) < 1e-4 * Number(query), `${key} beside ${query}`);
});
