import assert from "node:assert/strict";
import {
  autocast,
  backward,
  Generator,
  grad,
  noGrad,
  scope,
  Tensor,
} from "@cell-observatory/engine";
import { checkGradient } from "../../../test/support/check-gradient.ts";
import { tensorTest } from "../../../test/support/tensor-test.ts";
import type { MaeConfig } from "../../config/index.ts";
import { maskGenerator } from "../../data/index.ts";
import { patchify } from "../../nn/index.ts";
import type { MaskedBatch } from "../contract.ts";
import { buildMae } from "./build-mae.ts";
import { normalizedPatches } from "./normalized-patches.ts";

const config: MaeConfig = {
  input_fmt: "ZYXC",
  input_shape: [4, 8, 8, 1],
  patch_shape: [2, 4, 4],
  embed_dim: 24,
  depth: 2,
  num_heads: 2,
  mlp_ratio: 2,
  decoder_embed_dim: 16,
  decoder_depth: 1,
  decoder_num_heads: 2,
  proj_drop_rate: 0,
  att_drop_rate: 0,
  drop_path_rate: 0,
  fixed_dropout_depth: false,
  init_std: 0.02,
  norm_layer: "RmsNorm",
  act_layer: "SiLU",
  mlp_layer: "SwiGLU",
  mlp_wide_silu: false,
  qk_norm: false,
  abs_sincos_enc: false,
  rope_pos_enc: true,
  rope_type: "mixed",
  rope_theta: 10,
  rope_random_rotation_per_head: true,
  weight_init_type: "mae",
  loss_fn: "l2_masked",
  norm_targets: false,
};
const movie: Partial<MaeConfig> = {
  input_fmt: "TZYXC",
  input_shape: [2, 4, 8, 8, 1],
  patch_shape: [1, 2, 4, 4],
  decoder_num_heads: 1,
};

function batchFor({ input_shape }: MaeConfig, { seed = 0, dtype = "float32" } = {}): MaskedBatch {
  const counts = input_shape.length === 4 ? [2, 2, 2] : [2, 2, 2, 2];
  const axes = ["T", "Z", "Y", "X"].slice(-counts.length);
  const masks = maskGenerator(
    {
      mask_mode: "RANDOM",
      random_masking_ratio: 0.75,
      num_blocks: 1,
      lateral_mask_scale: 0.5,
      axial_mask_scale: 0.5,
      temporal_mask_scale: 0.5,
      aspect_ratio_scale_hw: [1, 1],
    },
    { axes, counts },
  )({ seed, epoch: 0, batch: 0, samples: [0, 1, 2] });
  const rows = (list: BigInt64Array<ArrayBuffer>) => Tensor.from(list).reshape([3, -1]);
  const generator = new Generator(seed);
  return {
    video: Tensor.randn([3, ...input_shape], { generator, dtype: dtype as "float32" }),
    keep_BK: rows(masks.context_masks),
    hidden_BM: rows(masks.target_masks),
    restore_BN: rows(masks.original_patch_indices),
  };
}

for (const [name, its] of [
  ["3-D", config],
  ["4-D", { ...config, ...movie }],
] as const) {
  tensorTest(`${name}: hidden patches are predicted, and the whole input is rebuilt`, () => {
    using model = buildMae(its, new Generator(0));
    const batch = batchFor(its);
    const { loss, parts, predictions } = model.forward(batch);
    assert.deepEqual(loss.shape, []);
    assert.equal(parts.reconstruction, loss);
    assert.deepEqual(predictions.shape, [...batch.hidden_BM.shape, 32]);
    assert.deepEqual(model.predict(batch).shape, [3, ...its.input_shape]);
  });

  tensorTest(
    `${name}: the loss does not see what stays visible, the encoder not what is hidden`,
    () => {
      using model = buildMae(its, new Generator(0));
      const batch = batchFor(its);
      const video = batch.video.setRequiresGrad(true);
      const { loss, predictions } = model.forward({ ...batch, video });
      const [ofLoss] = grad([loss], [video], { retainGraph: true });
      const [ofOutput] = grad([predictions.square().sum()], [video]);
      assert.ok(ofLoss && ofOutput);
      const patchNorms = (x: Tensor) => patchNormsOf(x, its);
      const hidden = patchNorms(ofOutput).gather(1, batch.hidden_BM);
      assert.equal(Number(hidden.abs().amax().item()), 0, "hidden voxels reached the encoder");
      assert.ok(Number(patchNorms(ofOutput).gather(1, batch.keep_BK).amin().item()) > 0);
      assert.ok(Number(patchNorms(ofLoss).gather(1, batch.hidden_BM).amin().item()) > 0);
    },
  );
}

/** The size of a gradient in each patch, [B N]. */
function patchNormsOf(video: Tensor, { input_shape, patch_shape }: MaeConfig): Tensor {
  const split = input_shape.slice(0, -1).flatMap((size, a) => {
    const edge = patch_shape[a] ?? 1;
    return [size / edge, edge];
  });
  const numAxes = patch_shape.length;
  const inside = Array.from({ length: numAxes }, (_, a) => 2 + 2 * a);
  return video
    .reshape([3, ...split])
    .square()
    .sum(inside)
    .reshape([3, -1]);
}

for (const norm_targets of [false, true]) {
  const how = norm_targets ? " with normalised targets" : "";
  tensorTest(`the loss counts valid voxels alone, each as much as the others${how}`, () => {
    using model = buildMae({ ...config, norm_targets }, new Generator(0));
    const batch = batchFor(config);
    const all = Tensor.ones(batch.video.shape, { dtype: "uint8" });
    const { loss, predictions } = model.forward(batch);
    const weighed = model.forward({ ...batch, valid: all });
    assert.ok(Math.abs(Number(weighed.loss.item()) / Number(loss.item()) - 1) < 1e-6);
    // Only row 0 counts, and of it only what lies before z = 3.
    const valid = Tensor.zeros(batch.video.shape, { dtype: "uint8" });
    valid.narrow(0, 0, 1).narrow(1, 0, 3).fill_(1);
    const patches = patchify(batch.video, model.grid).takeTokens(batch.hidden_BM);
    const targets = norm_targets ? normalizedPatches(patches) : patches;
    const counts = patchify(valid, model.grid).takeTokens(batch.hidden_BM).data();
    const [p, t] = [predictions.detach().data(), targets.data()];
    let [sum, num] = [0, 0];
    for (let i = 0; i < p.length; i++) {
      if (Number(counts[i]) === 0) continue;
      sum += (Number(p[i]) - Number(t[i])) ** 2;
      num += 1;
    }
    const found = Number(model.forward({ ...batch, valid }).loss.item());
    assert.ok(Math.abs(found - sum / num) < 1e-6 * found, `${found} and ${sum / num}`);
    const none = model.forward({ ...batch, valid: Tensor.zeros(batch.video.shape) });
    assert.equal(Number(none.loss.item()), 0);
  });
}

tensorTest("a sample's prediction does not depend on the masks of the others", () => {
  using model = buildMae(config, new Generator(0));
  const [a, b] = [batchFor(config), batchFor(config, { seed: 1 })];
  const first = (x: Tensor) => x.narrow(0, 0, 1);
  const alone = model.forward({
    video: first(a.video),
    keep_BK: first(a.keep_BK),
    hidden_BM: first(a.hidden_BM),
    restore_BN: first(a.restore_BN),
  });
  assert.notDeepEqual(first(a.keep_BK).data(), a.keep_BK.narrow(0, 1, 1).data());
  const together = first(model.forward(a).predictions).sub(alone.predictions).abs().amax().item();
  assert.ok(Number(together) < 1e-5, `${together}`);
  assert.notDeepEqual(first(model.forward(b).predictions).data(), alone.predictions.data());
});

tensorTest("normalised targets have mean 0 and variance 1, and constant patches are 0", () => {
  const patches = Tensor.randn([2, 5, 32], { generator: new Generator(0) })
    .mul(7)
    .add(100);
  const found = normalizedPatches(patches);
  assert.ok(Number(found.mean(-1).abs().amax().item()) < 1e-4);
  assert.ok(Number(found.var(-1).sub(1).abs().amax().item()) < 1e-4);
  assert.equal(
    Number(
      normalizedPatches(Tensor.full([1, 8], 3))
        .abs()
        .amax()
        .item(),
    ),
    0,
  );
});

tensorTest("the gradient of the whole agrees with differences, in float64", () => {
  const tiny = { ...config, embed_dim: 12, num_heads: 1, decoder_num_heads: 1, depth: 1 };
  using model = buildMae({ ...tiny, norm_targets: true }, new Generator(0));
  model.to({ dtype: "float64" });
  const batch = batchFor(tiny, { dtype: "float64" });
  const f = () => model.forward(batch).loss;
  const state = model.stateDict();
  for (const name of ["predictor.mask_token", "encoder.transformer.rope.freqs"]) {
    const tensor = state.get(name);
    assert.ok(tensor);
    checkGradient(f, tensor, { relative: 1e-5 });
  }
  checkGradient(f, batch.video.setRequiresGrad(true), { relative: 1e-4 });
});

tensorTest("a state goes from one model to another, with its results", () => {
  using from = buildMae(config, new Generator(0));
  using to = buildMae(config, new Generator(1));
  const batch = batchFor(config);
  to.loadStateDict(from.stateDict());
  assert.deepEqual(to.predict(batch).data(), from.predict(batch).data());
});

tensorTest("the names of a state are those of the documented table", () => {
  using model = buildMae({ ...config, depth: 1, qk_norm: true }, new Generator(0));
  const block = [
    "norm1.weight",
    "attn.qkv.weight",
    "attn.qkv.bias",
    "attn.q_norm.weight",
    "attn.k_norm.weight",
    "attn.proj.weight",
    "attn.proj.bias",
    "norm2.weight",
    "mlp.fc1.weight",
    "mlp.fc1.bias",
    "mlp.fc2.weight",
    "mlp.fc2.bias",
  ];
  const transformer = (path: string) => [
    ...block.map((name) => `${path}.transformer.blocks.0.${name}`),
    `${path}.transformer.norm.weight`,
    `${path}.transformer.rope.freqs`,
  ];
  assert.deepEqual(
    [...model.stateDict().keys()].toSorted(),
    [
      "encoder.patch_embed.proj.weight",
      "encoder.patch_embed.proj.bias",
      ...transformer("encoder"),
      "predictor.embed.weight",
      "predictor.embed.bias",
      "predictor.mask_token",
      ...transformer("predictor"),
      "predictor.head.weight",
      "predictor.head.bias",
    ].toSorted(),
  );
});

for (const its of [config, { ...config, norm_layer: "LayerNorm", mlp_layer: "Mlp" } as const]) {
  tensorTest(
    `30 steps of descent with ${its.mlp_layer} lower the loss by a third, bfloat16 as float32`,
    () => {
      for (const enabled of [false, true]) {
        using model = buildMae(its, new Generator(0));
        const batch = batchFor(its);
        const losses = Array.from({ length: 30 }, () =>
          scope(() => {
            const { loss } = autocast({ enabled }, () => model.forward(batch));
            backward(loss);
            noGrad(() => {
              for (const parameter of model.parameters()) {
                parameter.sub_(parameter.grad ?? 0, 0.2);
                parameter.setGrad(null);
              }
            });
            return Number(loss.item());
          }),
        );
        const [first = 0, last = 1] = [losses[0], losses.at(-1)];
        assert.ok(last < (2 / 3) * first, `${first} to ${last}`);
      }
    },
  );
}

tensorTest("a video of another shape is refused, by name of axis", () => {
  using model = buildMae(config, new Generator(0));
  const batch = batchFor(config);
  const act = () => model.forward({ ...batch, video: Tensor.zeros([3, 4, 8, 6, 1]) });
  assert.throws(act, /expected shape \[B Z=4 Y=8 X=8 C=1\], got \[3, 4, 8, 6, 1\]/);
});
