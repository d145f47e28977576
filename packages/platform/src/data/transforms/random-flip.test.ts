import assert from "node:assert/strict";
import { test } from "node:test";
import { Tensor } from "@cell-observatory/engine";
import { randomFlip } from "./random-flip.ts";

const shape = [64, 2, 3, 4, 5, 1] as const;
const video = Tensor.arange(64 * 120, { dtype: "float32" }).reshape([...shape]);
const samples = Array.from({ length: 64 }, (_, i) => i);
const equal = (a: Tensor, b: Tensor) => Number(a.sub(b).abs().amax().item()) === 0;

test("each sample is mirrored along each axis or not, about half of them, and nothing else", () => {
  const flipped = randomFlip({ axes: ["Y", "X"], seed: 1 })(video, { epoch: 0, samples });
  const counts = [0, 0, 0, 0];
  for (const b of samples) {
    const [before, after] = [video.select(0, b), flipped.select(0, b)];
    const ways = [[], [2], [3], [2, 3]].map((axes) =>
      equal(after, axes.length === 0 ? before : before.flip(axes)),
    );
    assert.equal(ways.filter(Boolean).length, 1, `sample ${b}`);
    counts[ways.indexOf(true)] = (counts[ways.indexOf(true)] ?? 0) + 1;
  }
  assert.ok(
    counts.every((count) => count > 5),
    `${counts}`,
  );
});

test("the draw depends on seed, epoch and sample alone", () => {
  const flip = randomFlip({ axes: ["Z", "X"], seed: 1 });
  const all = flip(video, { epoch: 3, samples });
  assert.ok(equal(all, flip(video, { epoch: 3, samples })));
  const alone = flip(video.narrow(0, 9, 1), { epoch: 3, samples: [9] });
  assert.ok(equal(alone, all.narrow(0, 9, 1)));
  assert.ok(!equal(all, flip(video, { epoch: 4, samples })));
  assert.ok(!equal(all, randomFlip({ axes: ["Z", "X"], seed: 2 })(video, { epoch: 3, samples })));
});

test("without axes the batch is left alone", () => {
  assert.equal(randomFlip({ axes: [], seed: 1 })(video, { epoch: 0, samples }), video);
});
