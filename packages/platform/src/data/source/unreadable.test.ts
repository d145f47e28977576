import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createArray, writeMultiscales } from "@cell-observatory/zarr";
import { voxelAt, writeTile } from "../loader/tiles.fixture.ts";
import { newVoxels } from "../voxels.ts";
import { HypercubeSource } from "./hypercube-source.ts";
import { writeLabelledTile } from "./labelled-tile.fixture.ts";
import type { HypercubeSourceConfig } from "./source-config.ts";

const config: HypercubeSourceConfig = {
  cubeShape: [1, 4, 8, 8],
  channels: null,
  numChannels: 1,
  missingChunks: "error",
  unreadable: "mask",
};

/** Chunks are 1 x 4 x 4 x 4 x 1. */
const chunkOf = (folder: string, ...grid: readonly number[]) =>
  join(folder, "tile.ome.zarr", "0", "c", ...grid.map(String));

test("a chunk that cannot be read is masked: zeros that are not valid, and all others as they are", async () => {
  const tile = await writeTile({ shape: [1, 4, 8, 16, 1] });
  await writeFile(chunkOf(tile.folder, 0, 0, 1, 1, 0), "damage");
  const record = { ...tile.records[0], y_size: 8, x_size: 8 } as (typeof tile.records)[number];
  const target = newVoxels("uint16", 256).fill(7777);
  const source = new HypercubeSource(config);
  const report = await source.read({ index: 0, record, origin: [0, 0, 0, 2] }, target);
  assert.deepEqual(report.unread, [{ from: [0, 0, 4, 2], to: [1, 4, 8, 6] }]);
  assert.deepEqual([report.chunks, report.unreadChunks], [6, 1]);
  for (let at = 0; at < 256; at++) {
    const [z, y, x] = [at >> 6, (at >> 3) & 7, at & 7];
    const isUnread = y >= 4 && x >= 2 && x < 6;
    assert.equal(target[at], isUnread ? 0 : voxelAt(0, z, y, x + 2, 0));
  }
  const strict = new HypercubeSource({ ...config, unreadable: "raise" });
  const read = strict.read({ index: 0, record, origin: [0, 0, 0, 2] }, target);
  await assert.rejects(read, { code: "DATA_CHUNK" });
  await tile.remove();
});

test("a sample of which nothing can be read is refused, masked or not", async () => {
  const tile = await writeTile({ shape: [1, 4, 8, 16, 1] });
  await writeFile(chunkOf(tile.folder, 0, 0, 0, 0, 0), "damage");
  await rm(chunkOf(tile.folder, 0, 0, 0, 1, 0));
  const [record] = tile.records;
  assert.ok(record);
  const sample = { index: 0, record: { ...record, x_size: 8 }, origin: [0, 0, 0, 0] } as const;
  const source = new HypercubeSource({ ...config, cubeShape: [1, 4, 4, 8] });
  await assert.rejects(source.read(sample, newVoxels("uint16", 128)), {
    code: "DATA_CHUNK",
    message: /^sample roi.*: all 2 chunks are missing or damaged$/,
  });
  await tile.remove();
});

test("a sample is refused when what channels and labels lack leaves no voxel that is whole", async () => {
  const tile = await writeLabelledTile({ image: [4, 4, 8], cube: [4, 4, 8] });
  await writeFile(chunkOf(tile.folder, 0, 0, 0, 0, 0), "damage");
  await writeFile(tile.labelChunk(0, 0, 1), "damage");
  const channels = await writeTile({ axes: "TCZYX", shape: [1, 4, 4, 8, 5], cube: [1, 4, 4, 8] });
  await writeFile(chunkOf(channels.folder, 0, 0, 0, 0, 0), "damage"); // the left half of four channels
  await writeFile(chunkOf(channels.folder, 0, 1, 0, 0, 1), "damage"); // the right half of the fifth
  const cubeShape = [1, 4, 4, 8] as const;
  for (const [record, given, labels] of [
    [tile.record, { labels: "array" }, new Int32Array(128)],
    [channels.records[0], { numChannels: 5 }, undefined],
    [channels.records[0], { channels: [4, 0], numChannels: 2 }, undefined],
  ] as const) {
    assert.ok(record);
    const source = new HypercubeSource({ ...config, cubeShape, ...given });
    const target = newVoxels("uint16", 128 * source.shape[4]);
    const read = source.read({ index: 0, record, origin: [0, 0, 0, 0] }, target, { labels });
    const message =
      /^sample roi.*: no voxel is left whose channels( and label)? could all be read$/;
    await assert.rejects(read, { code: "DATA_CHUNK", message });
  }
  for (const { remove } of [tile, channels]) await remove();
});

test("labels are never blanked where the image is valid, nor the image valid where labels are not", async () => {
  const tile = await writeTile({ shape: [1, 4, 8, 16, 1] });
  const image = join(tile.folder, "tile.ome.zarr");
  const labels = join(image, "labels", "cells");
  await mkdir(labels, { recursive: true });
  const shape = [4, 8, 16];
  const array = await createArray(join(labels, "0"), {
    shape,
    chunkShape: [4, 4, 4],
    dtype: "uint32",
  });
  await array.write(
    Uint32Array.from({ length: 512 }, (_, i) => i),
    { origin: [0, 0, 0], shape },
  );
  await writeMultiscales(labels, {
    version: "0.5",
    axes: [
      { name: "z", type: "space" },
      { name: "y", type: "space" },
      { name: "x", type: "space" },
    ],
    datasets: [{ path: "0", scale: [1, 1, 1], translation: [0, 0, 0] }],
  });
  await writeFile(chunkOf(tile.folder, 0, 0, 0, 0, 0), "damage");
  await writeFile(join(labels, "0", "c", "0", "1", "1"), "damage");
  const [first] = tile.records;
  assert.ok(first);
  const record = { ...first, y_size: 8, x_size: 8, labels_path: "labels/cells" };
  const source = new HypercubeSource({ ...config, labels: "array" });
  const [voxels, map] = [newVoxels("uint16", 256), new Int32Array(256).fill(7777)];
  const sample = { index: 0, record, origin: [0, 0, 0, 0] } as const;
  const report = await source.read(sample, voxels, { labels: map });
  assert.deepEqual(report.unread, [
    { from: [0, 0, 0, 0], to: [1, 4, 4, 4] },
    { from: [0, 0, 4, 4], to: [1, 4, 8, 8] },
  ]);
  for (let at = 0; at < 256; at++) {
    const [z, y, x] = [at >> 6, (at >> 3) & 7, at & 7];
    const isUnread = y < 4 === x < 4;
    assert.equal(voxels[at], isUnread ? 0 : voxelAt(0, z, y, x, 0));
    assert.equal(map[at], isUnread ? -1 : (z * 8 + y) * 16 + x);
  }
  const [, intact] = tile.records;
  assert.ok(intact);
  const without = { index: 0, record: intact, origin: [0, 0, 0, 4] } as const;
  await assert.rejects(source.read(without, voxels, { labels: map }), {
    code: "DATA_LABELS",
    message:
      "sample roi/tile.ome.zarr@t0z0y0x4 cannot be read: roi/tile.ome.zarr has no labels, but the run needs them",
  });
  await tile.remove();
});
