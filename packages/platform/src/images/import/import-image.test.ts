import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openArray, readLabelNames, readMultiscales, voxelSizeUm } from "@cell-observatory/zarr";
import { importImage } from "./import-image.ts";

const fixture = (name: string) => join(import.meta.dirname, "../tiff/fixtures", name);

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cello-import-"));
});
after(() => rm(folder, { recursive: true }));

async function voxelsOf(path: string) {
  const array = await openArray(path);
  return array.read({ origin: array.shape.map(() => 0), shape: array.shape });
}

test("a hyperstack is T C Z Y X on disk, with its voxel size, interval and channel names", async () => {
  const path = join(folder, "ome.ome.zarr");
  await importImage(fixture("ome.tif"), path, { memoryBytes: 500 });
  const image = await readMultiscales(path);
  assert.deepEqual(
    voxelSizeUm(image).map((um) => Math.round(um * 1e6) / 1e6),
    [0.8, 0.4, 0.4],
  );
  assert.deepEqual(image.axes.map(({ name }) => name).join(""), "tczyx");
  assert.equal(image.datasets[0]?.scale[0], 90);
  assert.deepEqual(image.channelNames, ["nuclei", "membranes & more"]);
  const voxels = await voxelsOf(join(path, "0"));
  const wanted = [];
  for (let t = 0; t < 2; t++) {
    for (let c = 0; c < 2; c++) {
      for (let z = 0; z < 3; z++) {
        for (let y = 0; y < 9; y++) {
          for (let x = 0; x < 11; x++) wanted.push(((t * 7 + z) * 5 + c) * 1000 + y * 37 + x * 3);
        }
      }
    }
  }
  assert.deepEqual([...voxels], wanted);
});

test("RGB pages become channels, and slabs of one plane give the same image", async () => {
  const [all, thin] = [join(folder, "rgb.ome.zarr"), join(folder, "thin.ome.zarr")];
  await importImage(fixture("rgb-planar.tif"), all);
  await importImage(fixture("rgb-contiguous.tif"), thin, { memoryBytes: 1 });
  assert.deepEqual((await openArray(join(all, "0"))).shape, [1, 3, 2, 9, 11]);
  assert.deepEqual(await voxelsOf(join(thin, "0")), await voxelsOf(join(all, "0")));
});

test("labels stay integers, beside the image", async () => {
  const path = join(folder, "labelled.ome.zarr");
  const { dtype } = await importImage(fixture("deflate.tif"), path, {
    labels: fixture("labels-uint8.tif"),
    voxelSizeUm: [2, 1, 1],
  });
  assert.equal(dtype, "uint16");
  assert.deepEqual(await readLabelNames(path), ["cells"]);
  const labels = await openArray(join(path, "labels/cells/0"));
  assert.equal(labels.dtype, "uint8");
  const counts = await voxelsOf(join(path, "0"));
  assert.deepEqual(
    [...(await voxelsOf(labels.path))],
    [...counts].map((value) => Number(value) % 200),
  );
});

test("8-bit counts become 16-bit ones; fractions do not become counts unnoticed", async () => {
  const eight = await importImage(fixture("labels-uint8.tif"), join(folder, "eight.ome.zarr"));
  assert.equal(eight.dtype, "uint16");
  const own = await importImage(fixture("float32.tif"), join(folder, "float.ome.zarr"));
  assert.equal(own.dtype, "float32");
  const whole = join(folder, "whole.ome.zarr");
  assert.equal(
    (await importImage(fixture("float32.tif"), whole, { dtype: "uint16" })).dtype,
    "uint16",
  );

  await assert.rejects(
    importImage(fixture("signed.tif"), join(folder, "s.ome.zarr"), { dtype: "uint16" }),
    {
      code: "DATA_DTYPE",
      message: /signed\.tif: frame 0, plane 0 holds -7; uint16 has whole numbers from 0 to 65535/,
    },
  );
});

test("labels of another shape, or with fractions, are refused by name", async () => {
  const path = join(folder, "refused.ome.zarr");
  await assert.rejects(
    importImage(fixture("deflate.tif"), path, { labels: fixture("tiled.tif") }),
    {
      code: "DATA_SHAPE",
      message:
        /tiled\.tif is 1 x 2 x 21 x 35 x 1 along T Z Y X C; the image needs 1 x 5 x 9 x 11 x 1/,
    },
  );
  await assert.rejects(
    importImage(fixture("deflate.tif"), path, { labels: fixture("float32.tif") }),
    {
      code: "DATA_DTYPE",
      message: /float32\.tif holds float32; labels are whole numbers/,
    },
  );
});

test("an import that fails half-way leaves nothing, and what was there stays", async () => {
  const path = join(folder, "half.ome.zarr");
  const bytes = await readFile(fixture("deflate.tif"));
  bytes.fill(0x55, bytes.length - 120, bytes.length - 60);
  const damaged = join(folder, "damaged.tif");
  await writeFile(damaged, bytes);
  await assert.rejects(importImage(damaged, path), { code: /^TIFF_/, message: /damaged\.tif/ });
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.startsWith("half")),
    [],
  );
  await importImage(fixture("deflate.tif"), path);
  const before = await voxelsOf(join(path, "0"));
  await assert.rejects(importImage(fixture("lzw.tif"), path), { code: "DATA_EXISTS" });
  assert.deepEqual(await voxelsOf(join(path, "0")), before);
});
