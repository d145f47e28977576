import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { BoxFormat } from "../batch.ts";
import { convertBoxes, scaleBoxes } from "./boxes.ts";

const formats: readonly BoxFormat[] = ["zyxzyx", "xyzxyz", "cxcyczwhd"];
const box = Float32Array.of(1, 2, 3, 5, 8, 13);

test("a box has the numbers that each format says", () => {
  assert.deepEqual([...convertBoxes(box, "zyxzyx", "xyzxyz")], [3, 2, 1, 13, 8, 5]);
  assert.deepEqual([...convertBoxes(box, "zyxzyx", "cxcyczwhd")], [8, 5, 3, 10, 6, 4]);
});

test("there and back again is where it was, for every pair of formats", () => {
  const corner = fc.integer({ min: 0, max: 1000 });
  const anyBoxes = fc.array(fc.tuple(corner, corner, corner, corner, corner, corner));
  fc.assert(
    fc.property(
      anyBoxes,
      fc.constantFrom(...formats),
      fc.constantFrom(...formats),
      (rows, a, b) => {
        const boxes = Float32Array.from(rows.flat());
        assert.deepEqual(convertBoxes(convertBoxes(boxes, a, b), b, a), boxes);
      },
    ),
  );
});

test("a conversion leaves its input alone", () => {
  const copy = convertBoxes(box, "zyxzyx", "zyxzyx");
  copy[0] = 7;
  assert.equal(box[0], 1);
});

test("normalised, each coordinate is a part of its own axis", () => {
  const size = [10, 16, 26] as const;
  const parts = size.map((n) => 1 / n) as [number, number, number];
  for (const format of formats) {
    const boxes = convertBoxes(box, "zyxzyx", format);
    const normal = scaleBoxes(boxes, format, parts);
    const back = convertBoxes(normal, format, "zyxzyx");
    const wanted = [1 / 10, 2 / 16, 3 / 26, 5 / 10, 8 / 16, 13 / 26];
    back.forEach((value, i) => {
      assert.ok(Math.abs(value - (wanted[i] ?? 0)) < 1e-6, `${format} ${back}`);
    });
    const voxels = scaleBoxes(normal, format, size);
    voxels.forEach((value, i) => {
      assert.ok(Math.abs(value - (boxes[i] ?? 0)) < 1e-5);
    });
  }
});
