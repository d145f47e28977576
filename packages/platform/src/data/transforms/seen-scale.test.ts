import assert from "node:assert/strict";
import { test } from "node:test";
import { composeRun, type TransformConfig } from "../../config/index.ts";
import { seenScale } from "./seen-scale.ts";

/** The transforms as a config gives them, with their defaults. */
function listOf(...transforms: readonly string[]): readonly TransformConfig[] {
  const { config } = composeRun({
    configName: "experiments/nuclei_mae",
    overrides: [
      "datasets.input_shape=[8,16,32,1]",
      "datasets.train_shape=[4,16,16,1]",
      "models.meta_arch.mae.input_shape=[4,16,16,1]",
      "datasets.patch_shape=[4,4,4]",
      `datasets.preprocessor.transforms_list=[${[...transforms, "{kind: normalize}"]}]`,
    ],
    configDirs: [],
    env: {},
  });
  return config.datasets.preprocessor.transforms_list ?? [];
}

const size = [8, 16, 32] as const;
const crop = "{kind: crop, crop_dims: ZYX, target_spatial_shape: [4,16,16]}";
const resize = "{kind: resize, target_spatial_shape: [4,16,16]}";

test("a voxel of a crop is one as read; one of a resized sample covers a part of some", () => {
  assert.deepEqual(seenScale(listOf(crop), size), [1, 1, 1]);
  assert.deepEqual(seenScale(listOf(resize), size), [2, 1, 2]);
  const both = listOf("{kind: crop, crop_dims: ZYX, target_spatial_shape: [8,8,16]}", resize);
  assert.deepEqual(seenScale(both, size), [2, 0.5, 1]);
});

test("where it is drawn, nobody knows", () => {
  const ranged = "{kind: resize, target_spatial_shape: [[4,16,16],[8,16,16]]}";
  assert.equal(seenScale(listOf(ranged, crop), size), null);
  const either = `{kind: probabilistic_choice, transforms: [${crop},${resize}], probs: [0.5,0.5]}`;
  assert.equal(seenScale(listOf(either), size), null);
  const one = `{kind: probabilistic_choice, transforms: [${crop},${resize}], probs: [0,1]}`;
  assert.deepEqual(seenScale(listOf(one), size), [2, 1, 2]);
  const cropped =
    "{kind: crop, crop_dims: ZYX, target_spatial_shape: [4,16,16], mode_probs: {crop: 0, crop_resize: 1}}";
  assert.equal(seenScale(listOf(cropped), size), null);
});
