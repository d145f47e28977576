import assert from "node:assert/strict";
import { test } from "node:test";
import { Tensor } from "@cell-observatory/engine";
import { randomFlip } from "./flip.ts";
import { equal, viewsOf } from "./views.fixture.ts";
import { applyTransforms } from "./views.ts";

const video = Tensor.arange(64 * 120).reshape([64, 2, 3, 4, 5, 1]);
const samples = Array.from({ length: 64 }, (_, i) => i);
const place = { seed: 1, epoch: 0, batch: 0, samples };
type Place = typeof place;
const flipped = (axes: readonly ("T" | "Z" | "Y" | "X")[], image: Tensor, at: Place) =>
  applyTransforms([randomFlip("flip", { axes })], viewsOf(image), at).image;

test("each sample is mirrored along each axis or not, about half of them, and nothing else", () => {
  const image = flipped(["Y", "X"], video, place);
  const counts = [0, 0, 0, 0];
  for (const b of samples) {
    const [before, after] = [video.select(0, b), image.select(0, b)];
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
  const all = flipped(["Z", "X"], video, place);
  assert.ok(equal(all, flipped(["Z", "X"], video, { ...place, batch: 7 })));
  const alone = flipped(["Z", "X"], video.narrow(0, 9, 1), { ...place, samples: [9] });
  assert.ok(equal(alone, all.narrow(0, 9, 1)));
  assert.ok(!equal(all, flipped(["Z", "X"], video, { ...place, epoch: 4 })));
  assert.ok(!equal(all, flipped(["Z", "X"], video, { ...place, seed: 2 })));
});

test("the draws are those of the first experiments: a word for each axis, of the stream flip", () => {
  const axes = samples.slice(0, 6).map((b) => {
    const [before, after] = [
      video.select(0, b),
      flipped(["Z", "Y", "X"], video, place).select(0, b),
    ];
    const ways = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) =>
      [1, 2, 3].filter((_, i) => (bits >> i) & 1),
    );
    return ways.findIndex((way) => equal(after, way.length === 0 ? before : before.flip(way)));
  });
  assert.deepEqual(axes, [5, 7, 4, 5, 1, 6]);
});

test("without axes the batch is left alone", () => {
  assert.equal(flipped([], video, place), video);
});
