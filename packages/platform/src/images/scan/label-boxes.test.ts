import assert from "node:assert/strict";
import { test } from "node:test";
import { boxesText, labelBoxes } from "./label-boxes.ts";

test("labels without a cell say so: that nobody has looked is something else", () => {
  const shape = [1, 1, 1, 4];
  const region = { shape, from: [0, 0, 0, 0], size: [1, 1, 1, 4] } as const;
  const boxes = (ids: readonly number[]) =>
    boxesText(labelBoxes({ labels: Int16Array.from(ids), ...region }), 2);
  assert.equal(boxes([0, 0, 0, 0]), "{}");
  assert.equal(boxes([0, 7, 7, 0]), '{"2":{"7":[0,0,1,1,1,3]}}');
  assert.equal(boxes([-1, 7, 7, 0]), '{"2":{"7":[0,0,1,1,1,3]}}', "-1 is ignored, and no cell");
});
