import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createArray, createGroup, writeMultiscales } from "@cell-observatory/zarr";
import { findImages } from "./find-images.ts";
import { imageRows, preparedIdOf } from "./image-rows.ts";

async function image(path: string, version: "0.4" | "0.5"): Promise<void> {
  const zarrFormat = version === "0.4" ? 2 : 3;
  await createGroup(path, { zarrFormat });
  await writeMultiscales(path, {
    version,
    axes: [..."zyx"].map((name) => ({ name, type: "space" as const })),
    datasets: [{ path: "0", scale: [1, 1, 1], translation: [0, 0, 0] }],
  });
  const shape = [2, 4, 4];
  await createArray(join(path, "0"), { shape, chunkShape: shape, dtype: "uint8", zarrFormat });
}

test("images of every program are found at any depth, in the order of their numbers", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cello-find-"));
  try {
    await image(join(folder, "t10.ome.zarr"), "0.5");
    await image(join(folder, "t9.ome.zarr"), "0.4");
    await image(join(folder, "day1", "plate-less", "a.zarr"), "0.4");
    // bioformats2raw: a group of series, and a group OME beside them
    const series = join(folder, "raw.zarr");
    await createGroup(series, { zarrFormat: 2, attributes: { "bioformats2raw.layout": 3 } });
    await mkdir(join(series, "OME"));
    await image(join(series, "0"), "0.4");
    await image(join(series, "1"), "0.4");
    // What is none, and what is not whole.
    await createGroup(join(folder, "plate.zarr"), { attributes: { ome: { plate: {} } } });
    await image(join(folder, "b.ome.zarr.importing", "image"), "0.5");
    await writeFile(join(folder, "notes.txt"), "");
    await symlink(folder, join(folder, "day1", "loop"));
    await symlink(join(folder, "gone"), join(folder, "day1", "dangling"));
    const { images: own, others } = await findImages(folder);
    assert.deepEqual(
      own.map((path) => path.slice(folder.length + 1)),
      ["day1/plate-less/a.zarr", "raw.zarr/0", "raw.zarr/1", "t9.ome.zarr", "t10.ome.zarr"],
    );
    assert.ok(
      others.some(({ path, reason }) => path.endsWith("plate.zarr") && /plate/.test(reason)),
    );
    assert.deepEqual(
      own.map((path) => preparedIdOf(path).split("/").at(-1)),
      ["a", "0", "1", "t9", "t10"],
    );
    assert.equal(preparedIdOf(join(series, "1")), "raw/1");
    await using rows = await imageRows(join(series, "1"), {
      grids: [{ cubeShape: [1, 2, 4, 4], stride: null }],
      home: folder,
      scans: join(folder, "scans"),
    });
    assert.deepEqual(
      [rows?.tile.prepared_id, rows?.tile.tile_name, rows?.tile.output_folder],
      ["raw/1", "1", "raw.zarr"],
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
