import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readDirectories } from "./directory.ts";
import { FileBytes } from "./file-bytes.ts";
import { readPage } from "./page.ts";
import type { Samples } from "./samples.ts";
import { readStack } from "./stack.ts";
import type { TiffStack } from "./stack-of-pages.ts";
import { namedPlanes } from "./tifffile-shape.ts";

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

test("pages of an OME-TIFF are the planes that its TiffData says they are", async () => {
  const turned = await omeWith(
    '<TiffData IFD="6" PlaneCount="6"/><TiffData IFD="0" FirstT="1" PlaneCount="6"/>',
  );
  const order = [...pagesOf(turned)].map(([[t], { index }]) => [t, index]);
  assert.deepEqual(
    order,
    Array.from({ length: 12 }, (_, n) => [n < 6 ? 0 : 1, (n + 6) % 12]),
  );
  const one = await omeWith('<TiffData FirstT="0"/>');
  assert.deepEqual(
    [...pagesOf(one)].map(([, { index }]) => index),
    Array.from({ length: 12 }, (_, n) => n),
  );
});

test("pages are counted as OME-XML counts them, a thumbnail between them included", async () => {
  const planes = '<TiffData IFD="0"/><TiffData IFD="2" FirstC="1" PlaneCount="11"/>';
  const stack = await omeWith(planes, withThumbnail);
  const order = [...pagesOf(stack)].map(([, { index }]) => index).sort((a, b) => a - b);
  assert.deepEqual(
    order,
    Array.from({ length: 13 }, (_, n) => n).filter((n) => n !== 1),
  );
  assert.deepEqual([stack.pageAt(0, 0, 0).index, stack.pageAt(0, 0, 1).index], [0, 2]);
  const wrong = '<TiffData IFD="1"/><TiffData IFD="2" FirstC="1" PlaneCount="11"/>';
  await assert.rejects(omeWith(wrong, withThumbnail), {
    code: "TIFF_METADATA",
    message: /puts page 1 of 13 in the place of plane 0 of 12, which is no page of full size/,
  });
});

test("an OME-TIFF in which a plane has no page, or two, is refused", async () => {
  for (const [tiffData, message] of [
    ['<TiffData IFD="0" PlaneCount="11"/>', /names no page for plane 11 of 12/],
    ['<TiffData IFD="3"/><TiffData IFD="4"/>', /puts page 4 of 12 in the place of plane 0 of 12/],
    ['<TiffData IFD="9" PlaneCount="6"/>', /puts page 12 of 12 in the place of plane 3 of 12/],
    ['<TiffData IFD="0" FirstZ="3"/>', /puts page 0 of 12 .* which there is not/],
    ['<TiffData IFD="-1"/>', /IFD/],
  ] as const) {
    await assert.rejects(omeWith(tiffData), { code: "TIFF_METADATA", message });
  }
});

test("an OME-TIFF of several images is refused for just that", async () => {
  const twoOfThem = (file: Buffer) =>
    Buffer.from(file.toString("latin1").replace('SizeT="2"', 'SizeT="1"'), "latin1");
  await assert.rejects(omeWith("<TiffData/><Pixels/>", twoOfThem), {
    code: "TIFF_LAYOUT",
    message: /ome\.tif holds 2 images; expected one$/,
  });
});

test("tifffile's axes are honoured, and planes along unknown ones are refused", () => {
  const named = (text: string, pagesAre: "Z" | "T" = "Z", hasSamples = false) =>
    namedPlanes(text, { path: "a.tif", hasSamples, pagesAre });
  const planes = (T: number, Z: number, C: number) => ({ T, Z, C });
  const grid = named('{"shape": [4, 2, 3, 9, 11], "axes": "TCZYX"}');
  assert.deepEqual(grid, { sizes: planes(4, 3, 2), order: ["Z", "C", "T"] });
  assert.deepEqual(named('{"shape": [2, 3, 9, 11]}')?.sizes, planes(2, 3, 1));
  assert.deepEqual(named('{"shape": [2, 1, 9, 11]}')?.sizes, planes(2, 1, 1));
  assert.deepEqual(named('{"shape": [1, 1, 5, 9, 11]}')?.sizes, planes(1, 5, 1));
  assert.deepEqual(named('{"shape": [5, 9, 11]}', "T")?.sizes, planes(5, 1, 1));
  assert.deepEqual(named('{"shape": [5, 9, 11, 3]}', "Z", true)?.sizes, planes(1, 5, 1));
  assert.equal(named("{ a note }"), null);
  for (const text of ['{"shape": [4, 2, 3, 9, 11]}', '{"shape": [4, 9, 11], "axes": "IYX"}']) {
    assert.throws(() => named(text), { code: "TIFF_LAYOUT" });
  }
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

/** A little-endian TIFF with a copy of its first directory behind it, said to be a reduced image. */
function withThumbnail(file: Buffer): Buffer {
  const first = file.readUInt32LE(4);
  const numEntries = file.readUInt16LE(first);
  const end = first + 2 + 12 * numEntries; // of its entries: there is where the next one lies
  const directory = Buffer.alloc(2 + 12 * (numEntries + 1) + 4);
  directory.writeUInt16LE(numEntries + 1, 0);
  directory.writeUInt16LE(254, 2); // NewSubfileType, one LONG: bit 0 is "reduced"
  directory.writeUInt16LE(4, 4);
  directory.writeUInt32LE(1, 6);
  directory.writeUInt32LE(1, 10);
  file.copy(directory, 14, first + 2, end + 4);
  const whole = Buffer.concat([file, Buffer.alloc(file.length % 2), directory]);
  whole.writeUInt32LE(whole.length - directory.length, end);
  return whole;
}

/** The OME fixture with other TiffData, in as many bytes. */
async function omeWith(
  tiffData: string,
  change: (file: Buffer) => Buffer = (file) => file,
): Promise<TiffStack> {
  const text = (await readFile(fixture("ome"))).toString("latin1");
  const changed = text
    .replace('<TiffData IFD="0" PlaneCount="12"/>', tiffData)
    .replace(/ xsi:schemaLocation="[^"]*"/, (words) => {
      return " ".repeat(
        words.length + '<TiffData IFD="0" PlaneCount="12"/>'.length - tiffData.length,
      );
    });
  assert.equal(changed.length, text.length);
  const folder = await mkdtemp(join(tmpdir(), "cello-ome-"));
  try {
    await writeFile(join(folder, "ome.tif"), change(Buffer.from(changed, "latin1")));
    await using bytes = await FileBytes.open(join(folder, "ome.tif"));
    return await readStack(await readDirectories(bytes));
  } finally {
    await rm(folder, { recursive: true });
  }
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
