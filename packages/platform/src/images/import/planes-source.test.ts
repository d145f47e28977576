import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openArray } from "@cell-observatory/zarr";
import { importImage } from "./import-image.ts";
import { placeFiles } from "./plane-names.ts";
import { pngBytes } from "./png.fixture.ts";

const usual = { pattern: null, otherwise: "Z" } as const;
const fixtures = join(import.meta.dirname, "../tiff/fixtures");

async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "cello-planes-"));
  try {
    await act(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("numbers in names are counted as numbers, with or without zeros in front", () => {
  const names = ["s10.tif", "s9.tif", "s11.tif"];
  const files = placeFiles("d", names, usual);
  assert.deepEqual(files.sizes, { T: 1, Z: 3, C: 1 });
  assert.deepEqual(
    [0, 1, 2].map((Z) => files.fileAt({ T: 0, Z, C: 0 })),
    ["s9.tif", "s10.tif", "s11.tif"],
  );
});

test("the usual words say what a number is; other numbers may stand in the names", () => {
  const names = ["a1_t0_z1_c1.tif", "a1_t0_z2_c1.tif", "a1_t1_z1_c1.tif", "a1_t1_z2_c1.tif"];
  const files = placeFiles("d", names, usual);
  assert.deepEqual(files.sizes, { T: 2, Z: 2, C: 1 });
  assert.equal(files.fileAt({ T: 1, Z: 1, C: 0 }), "a1_t1_z2_c1.tif");
  const words = placeFiles("d", ["Exp-Time003.png", "Exp-Time002.png"], usual);
  assert.deepEqual(words.sizes, { T: 2, Z: 1, C: 1 });
});

test("a pattern says it when the names do not", () => {
  const names = ["7_1_2.tif", "7_1_3.tif", "7_2_2.tif", "7_2_3.tif", "thumb.png"];
  const files = placeFiles("d", names, { pattern: "7_{Z}_{T}.tif", otherwise: "Z" });
  assert.equal(files.fileAt({ T: 1, Z: 0, C: 0 }), "7_1_3.tif");
  assert.throws(() => placeFiles("d", names, { pattern: "x{Z}.tif", otherwise: "Z" }), {
    code: "DATA_PLANES",
    message: /no file fits the pattern x\{Z\}\.tif; there is 7_1_2\.tif/,
  });
  assert.throws(() => placeFiles("d", names.slice(0, 4), usual), {
    code: "DATA_PLANES",
    message: /do not say which number is which axis/,
  });
});

test("gaps and doubles are named", () => {
  const gap = ["t1_z1.tif", "t1_z2.tif", "t2_z1.tif", "t3_z1.tif", "t3_z2.tif"];
  assert.throws(() => placeFiles("d", gap, usual), {
    code: "DATA_PLANES",
    message: "d: 1 of 6 planes are missing: T 2, Z 2",
  });
  assert.throws(() => placeFiles("d", ["z1.tif", "z01.tif", "z2.tif"], usual), {
    code: "DATA_PLANES",
    message: /z1\.tif and z01\.tif are both Z 1|do not say/,
  });
});

test("a folder of PNG planes becomes a stack, with every value", async () => {
  await inFolder(async (folder) => {
    for (const z of [2, 10, 9, 8, 3, 4, 5, 6, 7]) {
      const row = Uint16Array.from({ length: 6 * 5 }, (_, i) => 1000 * z + i);
      await writeFile(join(folder, `plane_${z}.png`), pngBytes(row, { width: 6, height: 5 }));
    }
    const path = join(folder, "out.ome.zarr");
    const { shape, dtype } = await importImage(folder, path);
    assert.deepEqual([shape, dtype], [[1, 9, 5, 6, 1], "uint16"]);
    const array = await openArray(join(path, "0"));
    const voxels = await array.read({ origin: [0, 0, 0, 0, 0], shape: array.shape });
    assert.deepEqual(
      [...voxels],
      Array.from({ length: 270 }, (_, i) => 1000 * (2 + Math.floor(i / 30)) + (i % 30)),
    );
  });
});

test("a folder with a stack for each frame becomes a movie", async () => {
  await inFolder(async (folder) => {
    for (const t of [0, 1, 2]) await copyFile(join(fixtures, "lzw.tif"), join(folder, `f${t}.tif`));
    const { shape } = await importImage(folder, join(folder, "out.ome.zarr"));
    assert.deepEqual(shape, [3, 5, 9, 11, 1]);
  });
});

test("planes of two sizes are refused with both", async () => {
  await inFolder(async (folder) => {
    await copyFile(join(fixtures, "lzw.tif"), join(folder, "f1.tif"));
    await copyFile(join(fixtures, "tiled.tif"), join(folder, "f2.tif"));
    await assert.rejects(importImage(folder, join(folder, "out.ome.zarr")), {
      code: "DATA_PLANES",
      message: /f2\.tif: it is 1 x 2 x 21 x 35 x 1 \(T Z Y X C\) uint16; .*f1\.tif is 1 x 5 x 9/,
      hint: /^Planes of one image are alike/,
    });
  });
});
