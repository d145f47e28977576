import assert from "node:assert/strict";
import { Tensor } from "@cell-observatory/engine";
import { tensorTest } from "../../../test/support/tensor-test.ts";
import { parameterGroups } from "./parameter-groups.ts";

tensorTest("matrices decay; vectors, learnt tokens and rotary frequencies do not", () => {
  const shapes = {
    "encoder.patch_embed.proj.weight": [4, 8],
    "encoder.patch_embed.proj.bias": [4],
    "encoder.transformer.norm.weight": [4],
    "encoder.transformer.rope.freqs": [2, 3, 2, 4],
    "predictor.mask_token": [1, 1, 4],
    "predictor.head.weight": [8, 4],
  };
  const parameters = Object.entries(shapes).map(
    ([name, shape]) => [name, Tensor.zeros(shape)] as const,
  );
  const [decayed, others] = parameterGroups(new Map(parameters), { wd: 0.1 });
  assert.deepEqual(
    [...(decayed?.parameters.keys() ?? [])],
    ["encoder.patch_embed.proj.weight", "predictor.head.weight"],
  );
  assert.equal(decayed?.wd, 0.1);
  assert.equal(others?.parameters.size, 4);
  assert.equal(others?.wd, 0);
});
