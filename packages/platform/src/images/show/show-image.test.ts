import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createArray } from "@cell-observatory/zarr";
import { loadImage } from "@napi-rs/canvas";
import { MovieConfig } from "../simulate/movie-config.ts";
import { simulateMovie } from "../simulate/simulate-movie.ts";
import { blockOf, boxesOf, centreOf, evenly } from "./channel-volume.ts";
import { showImage } from "./show-image.ts";

test("a block gives its frames and channels, in either order of axes", () => {
  const shape = [2, 1, 2, 3, 2] as const;
  const last = Float32Array.from({ length: 24 }, (_, i) => i); // t (yx) c
  const first = Float32Array.from({ length: 24 }, (_, i) => {
    const [t, c, yx] = [Math.floor(i / 12), Math.floor(i / 6) % 2, i % 6];
    return (t * 6 + yx) * 2 + c;
  });
  const blocks = [
    blockOf(last, shape, { order: "TZYXC" }),
    blockOf(first, shape, { order: "TCZYX" }),
  ];
  for (const block of blocks) {
    assert.deepEqual([...Array.from(block.volume(1, 1).voxels)], [13, 15, 17, 19, 21, 23]);
  }
});

test("boxes are those of the ids, and -1 (not known) has none", () => {
  const volume = { voxels: [0, 7, 7, -1, 0, 7, 9, 9], shape: [1, 2, 4] as const };
  assert.deepEqual(boxesOf(volume), [
    { id: 7, from: [0, 0, 1], to: [1, 2, 3] },
    { id: 9, from: [0, 1, 2], to: [1, 2, 4] },
  ]);
});

test("planes go through what there is to see, and through the middle when there is nothing", () => {
  assert.deepEqual(centreOf([1, 4, 4, 4, 1], null), [2, 2, 2]);
  const voxels = new Float64Array(64);
  voxels[1 * 16 + 2 * 4 + 1] = 5;
  assert.deepEqual(centreOf([1, 4, 4, 4, 1], { voxels, shape: [4, 4, 4] }), [1, 2, 1]);
  assert.deepEqual(evenly(9, 3), [0, 4, 8]);
  assert.deepEqual(evenly(2, 3), [0, 1]);
});

test("a movie is drawn with a column for each frame and one with its instances", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cello-show-"));
  try {
    const path = join(folder, "movie.ome.zarr");
    const movie = MovieConfig.parse({ shape: [3, 16, 32, 32, 1], seed: 1 });
    await simulateMovie(movie, path, { numThreads: 1 });
    const how = { projection: "none", drawsBoxes: true } as const;
    const { png, shape } = await showImage(path, { at: null, size: null, ...how });
    assert.deepEqual(shape, [3, 16, 32, 32]);
    const { width } = await loadImage(png);
    assert.equal(width, 24 + 74 + 6 * (352 + 12) - 12 + 24);
    const size = [1, 16, 16, 16] as const;
    const part = await showImage(path, { at: [2, 0, 4, 4], size, ...how });
    assert.equal((await loadImage(part.png)).width, 24 + 74 + 2 * (352 + 12) - 12 + 24);
    assert.equal(part.whyNoLabels, null);
    const labels = join(path, "labels/cells/0");
    const layout = { shape: [3, 1, 16, 32, 31], chunkShape: [1, 1, 16, 32, 31] };
    await createArray(labels, { ...layout, dtype: "uint32", overwrite: true });
    const { whyNoLabels } = await showImage(path, { at: [2, 0, 4, 4], size, ...how });
    const needs = "labels/cells is 3 x 16 x 32 x 31 x 1 (T Z Y X C), and the image needs";
    assert.equal(whyNoLabels, `${needs} 3 x 16 x 32 x 32 x 1`);
    await assert.rejects(showImage(path, { at: [0, 0, 20, 0], size, ...how }), {
      code: "DATA_SHAPE",
      message:
        /is 3 x 16 x 32 x 32 \(T Z Y X\); there is no block of 1 x 16 x 16 x 16 at 0, 0, 20, 0/,
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});
