import assert from "node:assert/strict";
import { autocast, Generator, Tensor } from "@cell-observatory/engine";
import { assertClose } from "../../test/support/assert-close.ts";
import { checkGradient } from "../../test/support/check-gradient.ts";
import { tensorTest } from "../../test/support/tensor-test.ts";
import { AxialRope } from "./axial-rope.ts";
import { MixedRope } from "./mixed-rope.ts";
import { rope, rotate } from "./rope.ts";
import type { RopeConfig } from "./rope-axes.ts";
import { RopeHeadError } from "./rope-head-error.ts";
import type { Rotation } from "./rotation.ts";
import { tokenGrid } from "./token-grid.ts";

const grid = tokenGrid({
  input_fmt: "ZYXC",
  input_shape: [4, 5, 6, 1],
  patch_shape: [1, 1, 1],
});
const config: RopeConfig = {
  rope_type: "axial",
  rope_theta: 10,
  rope_random_rotation_per_head: true,
  embed_dim: 48,
  num_heads: 2,
  depth: 2,
};
const kinds = ["axial", "mixed"] as const;
const values = (x: Tensor) => ({ shape: x.shape, values: x.data() });

/** Each value of the last axis two times, as for the two channels of a pair. */
const twice = (x: Tensor) =>
  x
    .unsqueeze(-1)
    .expand([...x.shape, 2])
    .flatten(-2);

function last(rotations: readonly Rotation[]): Rotation {
  const rotation = rotations.at(-1);
  assert.ok(rotation);
  return rotation;
}

for (const rope_type of kinds) {
  tensorTest(`${rope_type}: rotation keeps the length of every pair, in float32`, () => {
    using module = rope({ ...config, rope_type }, grid, new Generator(0));
    const x = Tensor.randn([1, 2, grid.numTokens, 24], { generator: new Generator(1) });
    const lengths = (t: Tensor) => t.reshape([1, 2, grid.numTokens, 12, 2]).square().sum(-1);
    const turned = rotate(x, last(module.rotations()));
    assertClose(values(lengths(turned)), values(lengths(x)), { relative: 1e-5, what: "lengths" });
    assert.ok(Number(turned.sub(x).abs().amax().item()) > 0.1);
  });

  // Fault 61 of the reference platform: in bfloat16 it scaled by the cosine instead.
  tensorTest(`${rope_type}: rotation in bfloat16 is the one in float32, but for rounding`, () => {
    using module = rope({ ...config, rope_type }, grid, new Generator(0)).to({ dtype: "bfloat16" });
    const x = Tensor.randn([1, 2, grid.numTokens, 24], { generator: new Generator(1) });
    const narrow = x.to({ dtype: "bfloat16" });
    const rotation = autocast({ dtype: "bfloat16" }, () => last(module.rotations()));
    assert.equal(rotation.cosine.dtype, "float32");
    const expected = rotate(narrow.to({ dtype: "float32" }), rotation);
    const actual = rotate(narrow, rotation);
    assert.equal(actual.dtype, "bfloat16");
    assertClose(values(actual), values(expected), { relative: 2 ** -8, what: "bfloat16" });
    const scaled = narrow.mul(twice(rotation.cosine)); // 24 channels: all are turned
    assert.ok(Number(actual.sub(scaled).abs().amax().item()) > 0.5);
  });

  tensorTest(`${rope_type}: products depend on the way between tokens, not on the place`, () => {
    using module = rope({ ...config, rope_type }, grid, new Generator(0));
    const [q, k] = [0, 1].map((seed) =>
      Tensor.randn([1, 2, 1, 24], { generator: new Generator(seed) }),
    );
    assert.ok(q && k);
    const rotation = last(module.rotations());
    const all = (x: Tensor) => rotate(x.expand([1, 2, grid.numTokens, 24]), rotation);
    const products = all(q).matmul(all(k).transpose(-1, -2)).select(0, 0).select(0, 1);
    const token = (z: number, y: number, x: number) => (z * 5 + y) * 6 + x;
    const product = (a: number, b: number) => Number(products.select(0, a).select(0, b).item());
    const here = product(token(0, 1, 2), token(2, 3, 1));
    const there = product(token(1, 2, 5), token(3, 4, 4));
    assert.ok(Math.abs(here - there) < 1e-4, `${here} ${there}`);
    assert.ok(Math.abs(here - product(token(0, 1, 2), token(2, 3, 2))) > 1e-3);
  });

  tensorTest(`${rope_type}: chosen places have the rotations of their tokens`, () => {
    using module = rope({ ...config, rope_type }, grid, new Generator(0));
    const places = Tensor.from(BigInt64Array.of(3n, 100n, 0n, 119n), { shape: [2, 2] });
    const [all, some] = [last(module.rotations()), last(module.rotations(places))];
    for (const factor of ["cosine", "sine"] as const) {
      const expected = all[factor].select(0, 0).indexSelect(1, places.flatten());
      const H = expected.shape[0] ?? 0;
      assertClose(
        values(some[factor]),
        values(expected.reshape([H, 2, 2, 12]).transpose(0, 1).contiguous()),
        { relative: 1e-6, what: factor },
      );
    }
  });
}

tensorTest("channels beyond the waves of all axes are not turned", () => {
  using module = new AxialRope({ ...config, embed_dim: 20 * 2 }, grid); // 3 axes x 3 waves of 10 pairs
  const x = Tensor.randn([1, 2, grid.numTokens, 20], { generator: new Generator(1) });
  const turned = rotate(x, last(module.rotations()));
  assert.deepEqual(turned.narrow(3, 18, 2).data(), x.narrow(3, 18, 2).data());
});

tensorTest("mixed rotations without random axes begin as the axial ones", () => {
  using axial = new AxialRope(config, grid);
  using mixed = new MixedRope(
    { ...config, rope_random_rotation_per_head: false },
    grid,
    new Generator(0),
  );
  const [a, m] = [last(axial.rotations()), last(mixed.rotations())];
  assertClose(values(m.sine), values(a.sine.expand([1, 2, grid.numTokens, 12])), {
    relative: 1e-6,
    what: "sine",
  });
});

tensorTest("random axes turn the waves of a head, and keep their lengths", () => {
  using mixed = new MixedRope(config, grid, new Generator(0));
  const lengths = mixed.freqs.square().sum(1).sqrt();
  const expected = Array.from({ length: 4 }, (_, j) => 10 ** (-j / 4));
  const found = [...lengths.select(0, 1).select(0, 1).data()].map(Number);
  for (const [i, length] of found.entries()) {
    assert.ok(Math.abs(length - (expected[i % 4] ?? 0)) < 1e-5, `${found}`);
  }
  const [head0, head1] = [mixed.freqs.select(2, 0), mixed.freqs.select(2, 1)];
  assert.ok(Number(head0.sub(head1).abs().amax().item()) > 0.1);
});

tensorTest("the gradient of learnt frequencies agrees with differences, in float64", () => {
  const options = { ...config, embed_dim: 16, num_heads: 2, depth: 2 };
  using module = new MixedRope(options, grid, new Generator(0)).to({ dtype: "float64" });
  const places = Tensor.from(BigInt64Array.of(3n, 100n, 0n, 119n), { shape: [2, 2] });
  const double = { dtype: "float64", generator: new Generator(1) } as const;
  const x = Tensor.randn([2, 2, 2, 8], double);
  const weights = Tensor.randn([2, 2, 2, 8], double);
  const f = () =>
    module
      .rotations(places)
      .map((rotation) => rotate(x, rotation).mul(weights).sum())
      .reduce((a, b) => a.mul(2).add(b));
  checkGradient(f, module.freqs, { relative: 1e-5 });
  checkGradient(f, x.setRequiresGrad(true), { relative: 1e-6 });
});

for (const { embed_dim, message } of [
  { embed_dim: 8, message: /need heads of an even number of channels, at least 6; got 4 / },
  { embed_dim: 26, message: /got 13 \(embed_dim 26 \/ num_heads 2\)/ },
]) {
  tensorTest(`heads of ${embed_dim / 2} channels are refused for three axes`, () => {
    const act = () => new AxialRope({ ...config, embed_dim }, grid);
    assert.throws(act, RopeHeadError);
    assert.throws(act, { code: "ROPE_HEAD", message });
  });
}
