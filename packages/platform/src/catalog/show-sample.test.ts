import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createArray } from "@cell-observatory/zarr";
import { loadImage } from "@napi-rs/canvas";
import { composeRun } from "../config/index.ts";
import { showSample } from "./show-sample.ts";

// Three images of 4 x 16 x 16: intensities in channel 0, labels in channel 1. Cell 5 is a block,
// cell 9 a bar.
const [Z, Y, X] = [4, 16, 16] as const;
const isIn = (from: number, at: number, to: number) => at >= from && at < to;
const labelAt = (z: number, y: number, x: number) => {
  if (isIn(0, z, 2) && isIn(2, y, 8) && isIn(3, x, 9)) return 5;
  return isIn(3, z, 4) && isIn(10, y, 12) && isIn(0, x, 16) ? 9 : 0;
};

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cello-show-sample-"));
  const shape = [1, Z, Y, X, 2];
  const voxels = Uint16Array.from({ length: 2 * Z * Y * X }, (_, i) => {
    const at = i >> 1;
    const label = labelAt(Math.floor(at / (Y * X)), Math.floor(at / X) % Y, at % X);
    return i % 2 === 1 ? label : 100 + (at % 37) + 300 * Math.sign(label);
  });
  const rows: string[] = [];
  for (const name of ["a", "b", "c"]) {
    const path = join(folder, "images", name);
    const array = await createArray(path, { shape, chunkShape: [1, 4, 8, 8, 2], dtype: "uint16" });
    await array.write(voxels, { origin: shape.map(() => 0), shape });
    rows.push(`roi,${name},${join(folder, "images")},,,0,0,0,0,1,${Z},${Y},${X},2`);
  }
  const header =
    "prepared_id,tile_name,server_folder,output_folder,array_path,time_start,z_start,y_start,x_start,time_size,z_size,y_size,x_size,channel_size";
  await writeFile(join(folder, "rows.csv"), `${[header, ...rows].join("\n")}\n`);
});
after(() => rm(folder, { recursive: true, force: true }));

async function shown(preprocessor: string, index: number, ...overrides: readonly string[]) {
  const { config } = composeRun({
    configName: "experiments/instance_segmentation_maskdino",
    overrides: [
      `datasets/preprocessor=${preprocessor}`,
      "datasets.input_shape=[4,16,16,2]",
      "datasets.patch_shape=[2,4,4]",
      "datasets.split=0",
      "clusters.batch_size=2",
      `datasets.databases.catalogue_path=${join(folder, "rows.csv")}`,
      "datasets.databases.synthetic_only=null",
      "datasets.databases.occupancy_threshold=null",
      "datasets.databases.cdf_threshold=null",
      "datasets.last_batch_policy=pad",
      "datasets.loader.shuffle=false",
      ...overrides,
    ],
    configDirs: [],
    env: { DATA_DIR: folder },
  });
  const how = { projection: "none", drawsBoxes: true } as const;
  const { signal } = new AbortController();
  return showSample({ config, split: "train", epoch: 0, index, ...how, signal, say: () => {} });
}

const inChannel = (key: string) => `${key}.mask_channel_idx=-1`;

for (const key of ["datasets", "datasets.databases"]) {
  test(`${key}.mask_channel_idx names the channel of the labels, of which a batch has boxes`, async () => {
    const { objects, png, hiddenPart } = await shown(
      "instance_segmentation_preprocessor",
      0,
      inChannel(key),
    );
    assert.ok(objects);
    assert.deepEqual([...objects.ids], [5, 9]);
    assert.deepEqual([...objects.boxes], [0, 2, 3, 2, 8, 9, 3, 10, 0, 4, 12, 16]);
    assert.equal(hiddenPart, 0);
    const { width } = await loadImage(png);
    assert.equal(width, 24 + 74 + 3 * (352 + 12) - 12 + 24); // read, transformed, with instances
  });
}

test("classes, and what is to be predicted, have a column of their own", async () => {
  const columns = async (preprocessor: string, ...overrides: readonly string[]) => {
    const { png } = await shown(preprocessor, 0, ...overrides);
    return ((await loadImage(png)).width - 24 - 74 - 24 + 12) / (352 + 12);
  };
  const channel = inChannel("datasets");
  assert.equal(await columns("semantic_segmentation_preprocessor", channel), 3);
  assert.equal(await columns("channel_split_preprocessor"), 6);
});

test("a sample beyond an epoch's last is refused, also where it would only fill a batch", async () => {
  const at = (index: number) =>
    shown("instance_segmentation_preprocessor", index, inChannel("datasets"));
  assert.equal((await at(2)).objects?.ids.length, 2);
  for (const index of [3, 4]) {
    await assert.rejects(at(index), {
      code: "DATA_EMPTY",
      message: `there is no train sample ${index}: an epoch of this run has 3`,
    });
  }
});

test("a task that needs labels says so where there are none", async () => {
  await assert.rejects(shown("instance_segmentation_preprocessor", 0), {
    code: "DATA_LABELS",
    message: /roi\/[abc] has no labels, but the run needs them$/,
  });
});
