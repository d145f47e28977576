import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { composeRun } from "../compose-run.ts";

const crop = "{kind: crop, target_spatial_shape: [64,96,96], crop_dims: ZYX}";
const normalize = "{kind: normalize}";

/** What composing says of a run that reads [128,128,128,1] and has these transforms. */
function faults(transforms: readonly string[], seen: string, ...more: readonly string[]): string {
  try {
    composeRun({
      configName: "experiments/nuclei_mae",
      overrides: [
        "datasets.input_shape=[128,128,128,1]",
        "datasets.patch_shape=[16,16,16]",
        `datasets.train_shape=${seen}`,
        `models.meta_arch.mae.input_shape=${seen}`,
        `datasets.preprocessor.transforms_list=[${[...transforms, normalize]}]`,
        ...more,
      ],
      configDirs: [],
      env: {},
    });
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

test("transforms end in the sizes that the model sees", () => {
  const resize = "{kind: resize, target_spatial_shape: [64,96,96]}";
  const drawn = "{kind: resize, target_spatial_shape: [[64,96,96],[64,96,112]]}";
  const either = `{kind: probabilistic_choice, transforms: [${crop},${resize}], probs: [0.5,0.5]}`;
  const or = `{kind: probabilistic_choice, transforms: [${crop},{kind: flip}], probs: [0.5,0.5]}`;
  for (const list of [[crop], [resize], [drawn, crop], [either], [crop, "{kind: flip}"]]) {
    assert.equal(faults(list, "[64,96,96,1]"), "", list.join());
  }
  assert.match(
    faults([], "[64,96,96,1]"),
    /train_shape.*sees \[64,96,96\].*end in \[128,128,128\]/,
  );
  assert.match(faults([crop], "[128,128,128,1]"), /train_shape.*end in \[64,96,96\]/);
  assert.match(faults([drawn], "[64,96,96,1]"), /end in a size that is drawn/);
  assert.match(faults([or], "[64,96,96,1]"), /end in a size that is drawn/);
});

test("what the model sees divides into patches, and is of the frames and channels that are read", () => {
  assert.equal(faults([crop], "[64,96,96,1]", "datasets.input_shape=[100,100,100,1]"), "");
  const odd = "{kind: crop, target_spatial_shape: [64,90,96], crop_dims: ZYX}";
  assert.match(faults([odd], "[64,90,96,1]"), /16 does not divide 90, the size along Y/);
  assert.match(faults([crop], "[64,96,96,2]"), /must have C=1, as datasets\.input_shape has/);
});

test("the example of docs/how-to/transform-and-mask.md composes", (t) => {
  const page = new URL("../../../../../docs/how-to/transform-and-mask.md", import.meta.url);
  const example = readFileSync(page, "utf8").match(/^ {4}datasets:\n(?: {4}.*\n)+/m)?.[0];
  const folder = mkdtempSync(join(tmpdir(), "cello-example-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "experiments"));
  const head = "# @package _global_\ndefaults:\n  - nuclei_mae\n  - _self_\n";
  const text = `${head}${(example ?? assert.fail()).replaceAll(/^ {4}/gm, "")}`;
  writeFileSync(join(folder, "experiments", "mine.yaml"), text);
  const request = { configName: "experiments/mine", overrides: [], configDirs: [folder], env: {} };
  const { datasets, models } = composeRun(request).config;
  assert.deepEqual(datasets.train_shape, [64, 96, 96, 1]);
  assert.deepEqual(models.meta_arch.mae?.input_shape, datasets.train_shape);
});

test("a crop leaves the axes that it does not name as they are", () => {
  const flat = "{kind: crop, target_spatial_shape: [64,96,96], crop_dims: YX}";
  assert.match(faults([flat], "[64,96,96,1]"), /sees \[64,96,96\].*end in \[128,96,96\]/);
  const deep = "{kind: crop, target_spatial_shape: [128,96,96], crop_dims: YX}";
  assert.equal(faults([deep], "[128,96,96,1]"), "");
});
