import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  autocast,
  backward,
  Generator,
  scope,
  setNumThreads,
  Tensor,
} from "@cell-observatory/engine";
import { composeRun } from "../src/config/index.ts";
import { buildMae, type MaskedBatch } from "../src/models/index.ts";

setNumThreads(2);
const [B, N, K] = [8, 192, 48];

function batch(): MaskedBatch {
  const generator = new Generator(1);
  const video = Tensor.randn([B, 12, 32, 32, 1], { generator });
  const order_BN = Tensor.rand([B, N], { generator }).argsort();
  return {
    video,
    keep_BK: order_BN.narrow(1, 0, K).contiguous(),
    hidden_BM: order_BN.narrow(1, K, N - K).contiguous(),
    restore_BN: order_BN.argsort(),
  };
}

const hash = (tensor: Tensor) =>
  createHash("sha256").update(tensor.detach().contiguous().bytes()).digest("hex");

for (const [what, overrides] of [
  ["RmsNorm and SwiGLU", []],
  ["LayerNorm and Mlp", ["norm_layer=LayerNorm", "act_layer=GELU", "mlp_layer=Mlp"]],
] as const) {
  for (const isBfloat16 of [false, true]) {
    const precision = isBfloat16 ? "bfloat16" : "float32";
    test(`on two threads, a step in ${precision} with ${what} gives the same bits each time`, () => {
      const { config } = composeRun({
        configName: "experiments/nuclei_mae",
        overrides: overrides.map((override) => `models.meta_arch.mae.${override}`),
        configDirs: [],
        env: {},
      });
      const { mae } = config.models.meta_arch;
      assert.ok(mae);
      using model = buildMae(mae, new Generator(0));
      const step = () =>
        scope(() => {
          const { loss } = autocast({ dtype: "bfloat16", enabled: isBfloat16 }, () =>
            model.forward(batch()),
          );
          backward(loss);
          return [...model.namedParameters()].map(([name, parameter]) => {
            const { grad } = parameter;
            parameter.setGrad(null);
            return `${name} ${grad && hash(grad)}`;
          });
        });
      const expected = step();
      for (let again = 0; again < 8; again++) assert.deepEqual(step(), expected);
    });
  }
}
