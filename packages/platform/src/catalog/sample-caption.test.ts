import assert from "node:assert/strict";
import { test } from "node:test";
import { type CaptionedSample, sampleCaption } from "./sample-caption.ts";

const sample = {
  batch: { shape: [1, 2, 4, 8, 8, 1], validSizes: [], sampleIds: ["tile@t0z0y0x0"] },
  row: 0,
  seen: { hidden: null, labels: null, whatLabels: "instances" },
  grid: { patchShape: [1, 4, 4, 4], axes: ["T", "Z", "Y", "X"], numTokens: 8 },
  shape: [2, 4, 8, 8, 1],
  objects: null,
} as const satisfies CaptionedSample;
const grey = "Grey from the 0.5th to the 99.8th percentile of each column.";

test("a whole sample that the model sees as it was read is captioned in two lines", () => {
  assert.deepEqual(sampleCaption(sample), [
    "tile@t0z0y0x0, 2 x 4 x 8 x 8 x 1 (T Z Y X C).",
    `Patches of 1 x 4 x 4 x 4 (T Z Y X). ${grey}`,
  ]);
});

test("padding, another size for the model, what is found and what is hidden are told", () => {
  const [first, second] = sampleCaption({
    ...sample,
    batch: { ...sample.batch, validSizes: [[1, 4, 8, 5]] },
    seen: { ...sample.seen, hidden: [0, 3, 5] },
    shape: [2, 4, 4, 4, 1],
    objects: { ids: Int32Array.of(7, 9) },
  });
  assert.equal(
    first,
    "tile@t0z0y0x0, 2 x 4 x 8 x 8 x 1 (T Z Y X C), of which 1 x 4 x 8 x 5 measured; the rest is padding, seen as 4 x 4 x 4 (Z Y X); 2 instances.",
  );
  assert.equal(second, `Patches of 1 x 4 x 4 x 4 (T Z Y X), 3 of 8 hidden. ${grey}`);
});

test("classes are told with their colours; what is background or not known is none", () => {
  const keyOf = (labels: readonly number[]) =>
    sampleCaption({ ...sample, seen: { hidden: null, labels, whatLabels: "classes" } })[2];
  assert.equal(keyOf([2, 0, -1, 1, 2, 8]), "Classes: 1 orange, 2 green, 8 orange.");
  assert.equal(keyOf([0, -1]), "No voxel is of a class.");
});
