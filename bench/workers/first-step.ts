// Our side of bench/first-step.ts: the model and the step of peers/first_step.py.

import { backward, Generator, Tensor } from "@cell-observatory/engine";
import { buildMae } from "../../packages/platform/src/models/index.ts";
import { AdamW } from "../../packages/platform/src/training/optimizers/adam-w.ts";
import { processPeakBytes } from "./process-peak.ts";

const rng = new Generator(0);
const model = buildMae(
  {
    input_fmt: "ZYXC",
    input_shape: [8, 32, 32, 1],
    patch_shape: [4, 8, 8],
    embed_dim: 64,
    depth: 2,
    num_heads: 2,
    mlp_ratio: 4,
    decoder_embed_dim: 32,
    decoder_depth: 1,
    decoder_num_heads: 1,
    proj_drop_rate: 0,
    att_drop_rate: 0,
    drop_path_rate: 0,
    fixed_dropout_depth: false,
    init_std: 0.02,
    norm_layer: "LayerNorm",
    act_layer: "GELU",
    mlp_layer: "Mlp",
    mlp_wide_silu: false,
    qk_norm: false,
    abs_sincos_enc: true,
    rope_pos_enc: false,
    rope_type: "axial",
    rope_theta: 10,
    rope_random_rotation_per_head: true,
    weight_init_type: "mae",
    loss_fn: "l2_masked",
    norm_targets: false,
  },
  rng,
);
const optimizer = new AdamW([{ parameters: model.namedParameters(), wd: 0.01 }], {
  betas: [0.9, 0.999],
  eps: 1e-8,
});
const order = Tensor.rand([2, 32], { generator: rng }).argsort(1);
const { loss } = model.forward({
  video: Tensor.randn([2, 8, 32, 32, 1], { generator: rng }),
  keep_BK: order.narrow(1, 0, 8),
  hidden_BM: order.narrow(1, 8, 24),
  restore_BN: order.argsort(1),
});
backward(loss);
optimizer.step(1e-3);
console.log(JSON.stringify({ loss: loss.item(), processPeakBytes: processPeakBytes() }));
