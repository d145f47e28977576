import assert from "node:assert/strict";
import { test } from "node:test";
import { composeRun } from "../config/index.ts";
import { batchShape } from "./batch-shape.ts";
import { runLength } from "./run-length.ts";

const configOf = (...overrides: string[]) =>
  composeRun({ configName: "experiments/nuclei_mae", overrides, configDirs: [], env: {} }).config;

test("a run ends with its epochs or its steps, whichever comes first", () => {
  const batches = { batchesPerEpoch: 21, batchesPerStep: 2, lastBatch: "drop" } as const;
  const cases = [
    [["trainer.epochs=20"], 200],
    [["trainer.epochs=20", "trainer.max_steps=150"], 150],
    [["trainer.epochs=20", "trainer.max_steps=1500"], 200],
    [["trainer.epochs=null", "trainer.max_steps=70"], 70],
  ] as const;
  for (const [overrides, totalSteps] of cases) {
    const length = runLength(configOf("schedulers.warmup=0", ...overrides), batches);
    assert.deepEqual(length, { totalSteps, stepsPerEpoch: 10 });
  }
});

test("a schedule that leaves nothing to the cosine is refused, with its numbers", () => {
  const config = configOf("schedulers.warmup=30", "schedulers.cooldown=80", "trainer.epochs=10");
  assert.throws(
    () => runLength(config, { batchesPerEpoch: 10, batchesPerStep: 1, lastBatch: "drop" }),
    {
      code: "CONFIG_SCHEDULE",
      message: "warm-up (30) and cool-down (80) take 110 steps, but the run has 100",
    },
  );
});

test("an epoch that is shorter than a step is refused, with both", () => {
  const batches = { batchesPerEpoch: 3, batchesPerStep: 4, lastBatch: "drop" } as const;
  assert.throws(() => runLength(configOf(), batches), {
    code: "DATA_EMPTY",
    message: "an optimizer step takes 4 micro-batches, but an epoch has 3",
  });
});

test("an epoch that keeps its last batch takes micro-batches that make no whole step, too", () => {
  const config = configOf("schedulers.warmup=0", "trainer.epochs=2");
  const batches = { batchesPerEpoch: 5, batchesPerStep: 2 };
  for (const lastBatch of ["keep", "pad"] as const) {
    const length = runLength(config, { ...batches, lastBatch });
    assert.deepEqual(length, { totalSteps: 6, stepsPerEpoch: 3 });
  }
  const dropped = runLength(config, { ...batches, lastBatch: "drop" });
  assert.deepEqual(dropped, { totalSteps: 4, stepsPerEpoch: 2 });
});

test("axes that a layout lacks have size 1 in a sample", () => {
  assert.deepEqual(batchShape(configOf()), {
    cubeShape: [1, 12, 32, 32],
    patchShape: [1, 4, 4, 4],
    numChannels: 1,
  });
});
