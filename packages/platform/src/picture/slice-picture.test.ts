import assert from "node:assert/strict";
import { test } from "node:test";
import { createCanvas, type Image, loadImage } from "@napi-rs/canvas";
import { percentileWindow } from "./percentile-window.ts";
import type { PictureColumn } from "./picture-content.ts";
import { captionLines } from "./picture-text.ts";
import { lengthLabel, scaleBarLength } from "./scale-bar.ts";
import { slicePicture } from "./slice-picture.ts";
import { orthogonalSlices } from "./slices.ts";
import type { Volume } from "./volume.ts";

const count: Volume = { voxels: Float32Array.from({ length: 24 }, (_, i) => i), shape: [2, 3, 4] };

test("the three planes go through one voxel, with x or y to the right", () => {
  const [xy, xz, yz] = orthogonalSlices(count, [2, 1, 1], [1, 2, 3]);
  assert.deepEqual([...(xy?.voxels ?? [])], [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]);
  assert.deepEqual([...(xz?.voxels ?? [])], [8, 9, 10, 11, 20, 21, 22, 23]);
  assert.deepEqual([...(yz?.voxels ?? [])], [3, 7, 11, 15, 19, 23]);
  assert.deepEqual([xz?.trueWidth, xz?.trueHeight, yz?.trueWidth], [4, 4, 3]);
});

test("the window ignores a few hot voxels, and is never empty", () => {
  const voxels = Float32Array.from({ length: 10_001 }, (_, i) => (i === 7 ? 1e6 : i / 10));
  const { black, white } = percentileWindow(voxels);
  assert.ok(black > 4 && black < 6 && white > 990 && white < 1000, `${black} ${white}`);
  assert.deepEqual(percentileWindow([5, 5, 5]), { black: 5, white: 6 });
});

test("a scale bar is round, and at most a quarter of the width", () => {
  for (const [width, length] of [
    [100, 20],
    [39, 5],
    [41, 10],
    [0.9, 0.2],
    [8, 2],
  ] as const) {
    assert.ok(Math.abs(scaleBarLength(width) - length) < 1e-12, `${width}`);
  }
  const labels = [lengthLabel(20, "micrometre"), lengthLabel(0.5, "micrometre")];
  assert.deepEqual(labels, ["20 µm", "500 nm"]);
  assert.deepEqual(
    [lengthLabel(2000, "micrometre"), lengthLabel(10, "voxel")],
    ["2 mm", "10 voxels"],
  );
});

/** The pixels of a PNG, four bytes each. */
function pixelsOf(image: Image): Uint8ClampedArray {
  const context = createCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, image.width, image.height).data;
}

function picture(zUm: number): Buffer {
  const side = 16;
  const voxels = Float32Array.from({ length: side ** 3 }, (_, i) => i % 7);
  const volume: Volume = { voxels, shape: [side, side, side] };
  const hidden: Volume = { voxels: voxels.map(() => 1), shape: [side, side, side] };
  return slicePicture({
    title: "a title",
    columns: [
      { title: "Input", volume },
      { title: "Masked", volume, hidden },
      { title: "Rebuilt", volume },
    ],
    voxelSize: { zyx: [zUm, 1, 1], unit: "micrometre" },
    centre: [8, 8, 8],
    outline: { from: [0, 8, 0], to: [16, 16, 16] },
    window: { black: 0, white: 6 },
    caption: ["one", "two"],
  });
}

test("lengths in the picture are true to the voxel size", async () => {
  const [flat, deep] = [await loadImage(picture(1)), await loadImage(picture(3))];
  assert.equal(flat.width, deep.width);
  // two of the three rows are 16 voxels high along z; a voxel is 352 / 16 = 22 pixels
  assert.equal(deep.height - flat.height, 2 * 16 * 22 * 2);
});

test("hidden patches are flat grey, and there are letters on a machine without fonts", async () => {
  const image = await loadImage(picture(1));
  const pixels = pixelsOf(image);
  const hasColour = (r: number, g: number, b: number) => {
    let found = 0;
    for (let i = 0; i < pixels.length; i += 4) {
      if (pixels[i] === r && pixels[i + 1] === g && pixels[i + 2] === b) found += 1;
    }
    return found;
  };
  assert.ok(hasColour(112, 120, 135) > 3 * 300 * 300, "the hidden column");
  const title = pixels.subarray(0, 4 * image.width * 45);
  let dark = 0;
  for (let i = 0; i < title.length; i += 4) if ((title[i] ?? 255) < 80) dark += 1;
  assert.ok(dark > 150, `${dark} dark pixels in the title`);
});

test("a volume of other voxels is drawn true to its own, and a plane alone is one row", async () => {
  const block = (...shape: [number, number, number]): Volume => ({
    voxels: Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => i % 5),
    shape,
  });
  const drawn = async (...columns: readonly PictureColumn[]) =>
    await loadImage(
      slicePicture({
        title: "a title",
        columns,
        voxelSize: { zyx: [1, 1, 1], unit: "voxel" },
        centre: [0, 0, 0],
        window: { black: 0, white: 5 },
        caption: [],
      }),
    );
  const read = { title: "As read", volume: block(8, 32, 32) };
  const seen = { title: "Resized", volume: block(4, 16, 32), voxelSize: [2, 2, 1] as const };
  const cropped = { title: "Cropped", volume: block(8, 16, 16) };
  const alone = await drawn(read);
  assert.equal((await drawn(read, seen)).height, alone.height);
  // 16 voxels are as wide as 32 beside them, and 8 planes of them twice as high.
  assert.equal((await drawn(read, cropped)).height - alone.height, 88 + 88);
  const plane = await drawn({ title: "Frame 0", volume: block(1, 32, 32) });
  assert.equal(alone.height - plane.height, 2 * (88 + 12));
});

test("a caption that is too wide for the picture is cut at its words", async () => {
  const words = Array.from({ length: 60 }, (_, i) => `word${i}`).join(" ");
  const lines = captionLines(["short", words], 620);
  assert.equal(lines[0], "short");
  assert.equal(lines.slice(1).join(" "), words);
  assert.ok(lines.length > 4, `${lines.length} lines`);
});
