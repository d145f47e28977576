import assert from "node:assert/strict";
import { backward, Generator, liveBytes, noGrad, scope, Tensor } from "@cell-observatory/engine";
import { tensorTest } from "../../test/support/tensor-test.ts";
import { Encoder, type EncoderConfig } from "./encoder.ts";

const config: EncoderConfig = {
  embed_dim: 16,
  depth: 5,
  num_heads: 2,
  mlp_ratio: 2,
  norm_layer: "RmsNorm",
  mlp_layer: "SwiGLU",
  act_layer: "SiLU",
  mlp_wide_silu: false,
  drop_path_rate: 0.2,
};
const tokens = () => Tensor.randn([2, 9, 16], { generator: new Generator(5) });

tensorTest("drop path grows linearly from 0 to its rate, or is the same in every block", () => {
  const rates = (options: Partial<EncoderConfig>) => {
    using encoder = new Encoder({ ...config, ...options }, new Generator(0));
    return encoder.blocks.map(({ dropPath }) => Number(dropPath.rate.toFixed(6)));
  };
  assert.deepEqual(rates({}), [0, 0.05, 0.1, 0.15, 0.2]);
  assert.deepEqual(rates({ fixed_dropout_depth: true }), [0.2, 0.2, 0.2, 0.2, 0.2]);
  assert.deepEqual(rates({ depth: 1 }), [0]);
});

tensorTest("the features of the last block are what the encoder puts out", () => {
  using encoder = new Encoder(config, new Generator(0)).eval();
  const x = tokens();
  const [early, last] = encoder.features(x, [1, 4]);
  assert.deepEqual(last?.data(), encoder.forward(x).data());
  assert.notDeepEqual(early?.data(), last?.data());
});

tensorTest("an encoder without blocks normalises", () => {
  using encoder = new Encoder({ ...config, depth: 0 }, new Generator(0));
  const x = tokens();
  assert.deepEqual(encoder.forward(x).data(), encoder.norm.forward(x).data());
});

tensorTest("drop path leaves evaluation alone, and draws from the generator in training", () => {
  const rng = new Generator(0);
  using encoder = new Encoder({ ...config, drop_path_rate: 0.9 }, rng);
  const x = tokens();
  const state = rng.state();
  const first = encoder.forward(x);
  assert.notDeepEqual(encoder.forward(x).data(), first.data());
  rng.setState(state);
  assert.deepEqual(encoder.forward(x).data(), first.data());
  encoder.eval();
  assert.deepEqual(encoder.forward(x).data(), encoder.forward(x).data());
});

tensorTest("without gradients a deeper encoder holds no more memory", () => {
  const held = [2, 6].map((depth) => {
    using encoder = new Encoder({ ...config, depth }, new Generator(0)).eval();
    const before = liveBytes();
    return scope(() => {
      const out = noGrad(() => encoder.forward(tokens()));
      return liveBytes() - before - out.numel * 4;
    });
  });
  assert.equal(held[0], held[1]);
});

tensorTest("vjepa2 shrinks what feeds the stream by the root of twice the depth", () => {
  const deviations = (weight_init_type: "mae" | "vjepa2") => {
    const wide = { ...config, embed_dim: 64, mlp_ratio: 4, weight_init_type, init_std: 0.02 };
    using encoder = new Encoder(wide, new Generator(0));
    return encoder.blocks.map(({ attn }) => Number(attn.proj.weight.std().item()));
  };
  for (const [i, deviation] of deviations("vjepa2").entries()) {
    const expected = 0.02 / Math.sqrt(2 * (i + 1));
    assert.ok(Math.abs(deviation / expected - 1) < 0.05, `block ${i}: ${deviation}, ${expected}`);
  }
  for (const deviation of deviations("mae")) assert.ok(Math.abs(deviation / 0.125 - 1) < 0.05);
});

tensorTest("a state goes from one encoder to another, with its results", () => {
  using from = new Encoder(config, new Generator(0)).eval();
  using to = new Encoder(config, new Generator(1)).eval();
  const expected = from.forward(tokens());
  to.loadStateDict(from.stateDict());
  assert.deepEqual(to.forward(tokens()).data(), expected.data());
});

tensorTest("a step down the gradient lowers the loss", () => {
  using encoder = new Encoder({ ...config, drop_path_rate: 0 }, new Generator(0));
  const loss = () => encoder.forward(tokens()).sub(1).square().mean();
  const before = loss();
  backward(before);
  noGrad(() => {
    for (const parameter of encoder.parameters()) parameter.sub_(parameter.grad ?? 0, 0.01);
  });
  assert.ok(Number(loss().item()) < Number(before.item()));
});
