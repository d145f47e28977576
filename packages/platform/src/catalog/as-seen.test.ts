import assert from "node:assert/strict";
import { test } from "node:test";
import { composeRun } from "../config/index.ts";
import { asSeen, isResized, withoutCrops } from "./as-seen.ts";

function run(...transforms: readonly string[]) {
  const overrides = [
    "datasets.input_shape=[8,16,32,1]",
    "datasets.train_shape=[4,16,16,1]",
    "models.meta_arch.mae.input_shape=[4,16,16,1]",
    "datasets.patch_shape=[4,4,4]",
    `datasets.preprocessor.transforms_list=[${[...transforms, "{kind: normalize}"]}]`,
  ];
  const configName = "experiments/nuclei_mae";
  return composeRun({ configName, overrides, configDirs: [], env: {} }).config;
}

const target = "target_spatial_shape: [4,16,16]";
const crop = `{kind: crop, crop_dims: ZYX, ${target}}`;

test("a volume can be rebuilt of crops, and not of what is resized", () => {
  assert.equal(isResized(run(crop)), false);
  assert.equal(isResized(run(`{kind: resize, ${target}}`)), true);
  assert.equal(isResized(run("{kind: resize, target_spatial_shape: [8,16,16]}", crop)), true);
  // Training resizes some crops; validation and prediction take them as they are.
  const some = `{kind: crop, crop_dims: ZYX, ${target}, mode_probs: {crop: 0.5, crop_resize: 0.5}}`;
  assert.equal(isResized(run(some)), false);
});

test("samples of a volume are read as large as the model sees them, and are not cropped again", () => {
  const config = run(crop, "{kind: flip}");
  assert.deepEqual(asSeen(config).datasets.input_shape, [4, 16, 16, 1]);
  const { transforms_list } = config.datasets.preprocessor;
  const kinds = withoutCrops(transforms_list ?? []).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["flip", "normalize"]);
});
