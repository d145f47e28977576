import assert from "node:assert/strict";
import { test } from "node:test";
import { randomCalls } from "./stress/random-calls.ts";
import { allowedGrowthBytes, smallTensors } from "./stress/small-tensors.ts";

// test/stress.ts runs as many as one likes.

test("20,000 random calls of operators never end the process", async () => {
  const results = await Promise.all([1, 2].map((seed) => randomCalls({ seed, calls: 10_000 })));
  for (const { death, errors } of results) {
    assert.equal(death, undefined);
    assert.ok(errors > 1000, "most arguments do not fit");
  }
});

test("200,000 small tensors leave memory where it was", () => {
  const { tensors, liveBytes, residentBytes } = smallTensors(200_000);
  assert.deepEqual({ tensors, liveBytes }, { tensors: 0, liveBytes: 0 });
  assert.ok(residentBytes < allowedGrowthBytes, `the process grew by ${residentBytes} bytes`);
});
