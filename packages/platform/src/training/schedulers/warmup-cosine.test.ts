import assert from "node:assert/strict";
import { test } from "node:test";
import { warmupCosine } from "./warmup-cosine.ts";

test("the cool-down lies inside the run, at the lowest learning rate", () => {
  const schedule = warmupCosine(
    1,
    {
      name: "cosine",
      update_type: "step",
      warmup: 2,
      cooldown: 3,
      warmup_min_ratio: 0,
      cos_min_ratio: 0.25,
    },
    { totalSteps: 10, stepsPerEpoch: 10 },
  );
  const lrs = Array.from({ length: 10 }, (_, step) => schedule({ step, epoch: 0 }));
  assert.deepEqual(lrs.slice(0, 3), [0, 0.5, 1]);
  assert.deepEqual(lrs.slice(7), [0.25, 0.25, 0.25]);
});
