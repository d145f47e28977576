import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { readDirectories } from "./directory.ts";
import { FileBytes } from "./file-bytes.ts";
import { readPage } from "./page.ts";
import type { Samples } from "./samples.ts";
import { readStack, type TiffStack } from "./stack.ts";

/** The value that tools/reference/make_tiff_fixtures.py wrote at a voxel. */
const voxel = (t: number, z: number, c: number, y: number, x: number) =>
  (((t * 7 + z) * 5 + c) * 1000 + y * 37 + x * 3) % 65536;

const files = [
  { name: "none", shape: [1, 5, 9, 11, 1], source: "pages" },
  { name: "deflate", shape: [1, 5, 9, 11, 1], source: "pages" },
  { name: "lzw", shape: [1, 5, 9, 11, 1], source: "pages" },
  { name: "lzw-predictor-big-endian", shape: [1, 5, 9, 11, 1], source: "pages" },
  { name: "packbits", shape: [1, 5, 9, 11, 1], source: "pages" },
  { name: "zstd", shape: [1, 5, 9, 11, 1], source: "pages" },
  { name: "bigtiff", shape: [1, 5, 9, 11, 1], source: "pages" },
  { name: "tiled", shape: [1, 2, 21, 35, 1], source: "pages" },
  { name: "big-endian", shape: [1, 5, 9, 11, 1], source: "pages" },
  { name: "shaped", shape: [2, 3, 9, 11, 1], source: "tifffile" },
  { name: "float32", shape: [1, 5, 9, 11, 1], source: "pages" },
  { name: "rgb-contiguous", shape: [1, 2, 9, 11, 3], source: "pages" },
  { name: "rgb-planar", shape: [1, 2, 9, 11, 3], source: "pages" },
  { name: "imagej", shape: [2, 3, 9, 11, 2], source: "ImageJ" },
  { name: "imagej-one-directory", shape: [2, 3, 9, 11, 2], source: "ImageJ" },
  { name: "ome", shape: [2, 3, 9, 11, 2], source: "OME-XML" },
] as const;

for (const { name, shape, source } of files) {
  test(`${name}.tif is an image of ${shape.join(" x ")}, voxel for voxel`, async () => {
    await using bytes = await FileBytes.open(fixture(name));
    const file = await readDirectories(bytes);
    const stack = await readStack(file);
    assert.deepEqual([...stack.shape], [...shape]);
    assert.equal(stack.source, source);
    for (const [place, page] of pagesOf(stack)) {
      assert.deepEqual([...(await readPage(file, page))], expected(stack, place));
    }
  });
}

test("long LZW strips, whose codes grow to 12 bits and start over, decode", async () => {
  await using bytes = await FileBytes.open(fixture("long-lzw"));
  const file = await readDirectories(bytes);
  const pixels: Samples = await readPage(file, (await readStack(file)).pageAt(0, 0, 0));
  const wanted = Array.from({ length: 7200 }, (_, i) =>
    Math.floor(voxel(0, 0, 0, Math.floor(i / 60), i % 60) / 40),
  );
  assert.deepEqual([...pixels], wanted);
});

test("ImageJ's and OME-XML's voxel sizes, intervals and channel names are carried", async () => {
  const imageJ = await stackIn("imagej");
  assert.deepEqual(rounded(imageJ.voxelSizeUm), [0.8, 0.4, 0.4]);
  assert.equal(imageJ.frameIntervalS, 90);
  const ome = await stackIn("ome");
  assert.deepEqual(rounded(ome.voxelSizeUm), [0.8, 0.4, 0.4]);
  assert.equal(ome.frameIntervalS, 90);
  assert.deepEqual(ome.channelNames, ["nuclei", "membranes & more"]);
});

test("pages of a plain stack are frames when that is asked for", async () => {
  await using bytes = await FileBytes.open(fixture("deflate"));
  const { shape } = await readStack(await readDirectories(bytes), "T");
  assert.deepEqual([...shape], [5, 1, 9, 11, 1]);
});

function fixture(name: string): string {
  return join(import.meta.dirname, "fixtures", `${name}.tif`);
}

async function stackIn(name: string): Promise<TiffStack> {
  await using bytes = await FileBytes.open(fixture(name));
  return readStack(await readDirectories(bytes));
}

function* pagesOf({ shape, samplesPerPage, pageAt }: TiffStack) {
  const [T, Z, , , C] = shape;
  for (let t = 0; t < T; t++) {
    for (let z = 0; z < Z; z++) {
      for (let c = 0; c < C / samplesPerPage; c++) yield [[t, z, c], pageAt(t, z, c)] as const;
    }
  }
}

function expected(stack: TiffStack, [t, z, c]: readonly [number, number, number]): number[] {
  const [, , Y, X] = stack.shape;
  const { samplesPerPage } = stack;
  return Array.from({ length: Y * X * samplesPerPage }, (_, i) => {
    const pixel = Math.floor(i / samplesPerPage);
    const channel = c * samplesPerPage + (i % samplesPerPage);
    return voxel(t, z, channel, Math.floor(pixel / X), pixel % X);
  });
}

const rounded = (sizes: readonly (number | null)[]) =>
  sizes.map((size) => size && Math.round(size * 1e6) / 1e6);
