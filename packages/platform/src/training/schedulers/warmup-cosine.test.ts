import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { SchedulersConfig } from "../../config/index.ts";
import { type RunLength, warmupCosine } from "./warmup-cosine.ts";

type Case = SchedulersConfig & RunLength & { readonly lr: number; readonly lrs: readonly number[] };

const fixtures = join(import.meta.dirname, "../fixtures/schedules.json");
const cases = JSON.parse(readFileSync(fixtures, "utf8")) as readonly Case[];

for (const { lrs, lr, ...config } of cases) {
  test(`the learning rate of each step is timm's: ${JSON.stringify(config)}`, () => {
    const schedule = warmupCosine(lr, config, config);
    lrs.forEach((expected, step) => {
      const epoch = Math.floor(step / config.stepsPerEpoch);
      const actual = schedule({ step, epoch });
      const worst = Math.abs(actual - expected) / lr;
      assert.ok(worst < 1e-12, `step ${step}: ${actual}, expected ${expected}`);
    });
  });
}

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
