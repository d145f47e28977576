import assert from "node:assert/strict";
import { readlinkSync } from "node:fs";
import { type FileHandle, mkdir, mkdtemp, open, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { NewImageOptions } from "./create-image.ts";
import { NewImage } from "./new-image.ts";

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

test("what a killed process of this machine left is removed; another machine's may be at work", async () => {
  const path = join(folder, "again.ome.zarr");
  const high = 4194305; // no process has so high a number
  await mkdir(`${path}.partial-${hostname()}-${high}`);
  await mkdir(`${path}.partial-not-${hostname()}-${high}`);
  await mkdir(`${path}.partial-${hostname()}-1`);
  await using image = await NewImage.create(path, options);
  await image.commit();
  const names = (await readdir(folder)).filter((name) => name.startsWith("again"));
  assert.deepEqual(names.sort(), [
    "again.ome.zarr",
    ...[
      `again.ome.zarr.partial-${hostname()}-1`,
      `again.ome.zarr.partial-not-${hostname()}-${high}`,
    ].sort(),
  ]);
});

test("every file and folder is on the disk itself before an image is in place", async (t) => {
  const path = join(folder, "durable.ome.zarr");
  await using image = await NewImage.create(path, { ...options, labelsDtype: "uint16" });
  const region = { origin: [0, 0, 0, 0, 0], shape: [1, 1, 4, 4, 4] };
  await image.image.write(new Uint16Array(64), region);
  const handle = await open(join(image.folder, "zarr.json"));
  const prototype: FileHandle = Object.getPrototypeOf(handle);
  await handle.close();
  const synced: string[] = [];
  t.mock.method(prototype, "sync", async function (this: FileHandle) {
    synced.push(readlinkSync(`/proc/self/fd/${this.fd}`));
  });
  const below = await readdir(image.folder, { recursive: true });
  await image.commit();
  assert.ok(below.includes("0/c/0/0/0/0/0"));
  const wanted = [image.folder, ...below.map((name) => join(image.folder, name)), folder];
  assert.deepEqual(synced.sort(), wanted.sort());
});
