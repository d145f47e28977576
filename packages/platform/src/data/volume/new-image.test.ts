import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { NewImage, type NewImageOptions } from "./new-image.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cello-image-"));
});
after(() => rm(folder, { recursive: true }));

const options: NewImageOptions = {
  name: "image",
  shape: [1, 4, 4, 4, 1],
  chunkShape: [1, 4, 4, 4, 1],
  shardShape: [1, 4, 4, 4, 1],
  dtype: "uint16",
  voxelSizeUm: [1, 1, 1],
  frameIntervalS: null,
};

test("a place that cannot be written is named in the error", async () => {
  await writeFile(join(folder, "file"), "");
  await assert.rejects(NewImage.create(join(folder, "file", "a.ome.zarr"), options), {
    code: "DATA_WRITE",
    message: /file\/a\.ome\.zarr cannot be written: (ENOTDIR|EEXIST)/,
  });
});

test("an image that came into the place meanwhile is not written over", async () => {
  const path = join(folder, "late.ome.zarr");
  await using image = await NewImage.create(path, options);
  await mkdir(join(path, "0"), { recursive: true });
  await assert.rejects(image.commit(), { code: "DATA_WRITE", message: /ENOTEMPTY|EEXIST/ });
  assert.deepEqual(await readdir(path), ["0"]);
});

test("what a process left that was killed is removed when the image is written again", async () => {
  const path = join(folder, "again.ome.zarr");
  await mkdir(`${path}.partial-4194305`); // no process has so high a number
  await using image = await NewImage.create(path, options);
  await image.commit();
  const names = (await readdir(folder)).filter((name) => name.startsWith("again"));
  assert.deepEqual(names, ["again.ome.zarr"]);
});
