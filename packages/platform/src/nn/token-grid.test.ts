import assert from "node:assert/strict";
import { test } from "node:test";
import { PatchShapeError } from "./patch-shape-error.ts";
import { tokenGrid } from "./token-grid.ts";

test("a grid has the patches of every axis but the channel", () => {
  const grid = tokenGrid({
    input_fmt: "TZYXC",
    input_shape: [16, 128, 64, 32, 2],
    patch_shape: [4, 16, 16, 16],
  });
  assert.deepEqual(grid.axes, ["T", "Z", "Y", "X"]);
  assert.deepEqual(grid.counts, [4, 8, 4, 2]);
  assert.equal(grid.numTokens, 256);
  assert.equal(grid.patchVoxels, 4 * 16 * 16 * 16 * 2);
});

for (const { input_shape, patch_shape, message } of [
  {
    input_shape: [16, 100, 128, 2],
    patch_shape: [4, 16, 16],
    message:
      "input_shape [16, 100, 128, 2] does not divide into patches of [4, 16, 16]: " +
      "axis Y has 100 voxels, expected a multiple of 16",
  },
  {
    input_shape: [16, 128, 128],
    patch_shape: [4, 16, 16],
    message:
      "ZYXC has 3 axes and a channel: expected input_shape of 4 sizes and patch_shape of 3, " +
      "got [16, 128, 128] and [4, 16, 16]",
  },
  {
    input_shape: [2, 128, 128, 2],
    patch_shape: [4, 16, 16],
    message:
      "input_shape [2, 128, 128, 2] does not divide into patches of [4, 16, 16]: " +
      "axis Z has 2 voxels, expected a multiple of 4",
  },
]) {
  test(`an input of [${input_shape}] in patches of [${patch_shape}] is refused in a sentence`, () => {
    const act = () => tokenGrid({ input_fmt: "ZYXC", input_shape, patch_shape });
    assert.throws(act, PatchShapeError);
    assert.throws(act, { code: "PATCH_SHAPE", message });
  });
}
