import assert from "node:assert/strict";
import { test } from "node:test";
import { RandomStream } from "../../rng/index.ts";
import { smoothed } from "./smoothed.ts";

const curve = (length: number, loss: (i: number) => number) =>
  Array.from({ length }, (_, i) => ({ step: i + 1, loss: loss(i) }));

for (const length of [1, 2, 3, 50, 2000]) {
  test(`a straight line of ${length} points stays as it is, at its ends too`, () => {
    const line = curve(length, (i) => 3 - i / 100);
    smoothed(line).forEach(({ step, loss }, i) => {
      assert.equal(step, line[i]?.step);
      assert.ok(Math.abs(loss - (line[i]?.loss ?? 0)) < 1e-9, `${i}: ${loss}`);
    });
  });
}

test("noise gets smaller, and a step stays where it is", () => {
  const rng = new RandomStream({ seed: 1, purpose: "noise", epoch: 0, index: 0 });
  const line = smoothed(curve(2000, (i) => (i < 1000 ? 2 : 1) + rng.uniform(-0.3, 0.3)));
  for (const [i, { loss }] of line.entries()) {
    if (i < 20 || i > 1979 || Math.abs(i - 1000) < 25) continue;
    assert.ok(Math.abs(loss - (i < 1000 ? 2 : 1)) < 0.15, `${i}: ${loss}`);
  }
  const crossing = line.findIndex(({ loss }, i) => i > 900 && loss < 1.5);
  assert.ok(Math.abs(crossing - 1000) <= 3, `${crossing}`);
});

test("a loss that is NaN is left out", () => {
  const line = smoothed(curve(9, (i) => (i === 4 ? Number.NaN : 1)));
  assert.deepEqual(
    line.map(({ step }) => step),
    [1, 2, 3, 4, 6, 7, 8, 9],
  );
  assert.ok(line.every(({ loss }) => loss === 1));
});
