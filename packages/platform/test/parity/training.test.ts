import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { compareTraining } from "./training-cases.ts";

const comparisons = await compareTraining(join(import.meta.dirname, "fixtures/training"));

for (const { name, worst, tolerance } of comparisons) {
  test(`${name}: as PyTorch and timm have it`, () => {
    assert.ok(worst <= tolerance, `off by ${worst}, expected at most ${tolerance}`);
  });
}
