import assert from "node:assert/strict";
import { test } from "node:test";
import { errorUnit } from "./error-unit.ts";
import { errorLines } from "./predict-run.ts";

const errors = {
  model: 0.25,
  interpolation: 0.5,
  visibleMean: 1,
  numSamples: 3,
  numHiddenVoxels: 10,
};

for (const [normalize, unit] of [
  ["zscore", "1 is the variance of the input"],
  ["percentile", "1 is the square of the range from percentile 2 to 99.5 of the input"],
  ["none", "in counts squared"],
] as const) {
  test(`with normalize=${normalize}, an error is "${unit}"`, () => {
    const config = { normalize, percentile_low: 2, percentile_high: 99.5 };
    assert.equal(errorUnit(config), unit);
    const [first] = errorLines({ errors, subject: "samples", unit: errorUnit(config) });
    assert.equal(first, `Mean squared error on hidden voxels of 3 samples (${unit}):`);
  });
}
