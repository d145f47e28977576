import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createGroup, openGroup } from "@cell-observatory/zarr";
import { writeTile } from "../loader/tiles.fixture.ts";
import { newVoxels } from "../voxels.ts";
import { HypercubeSource } from "./hypercube-source.ts";
import { type LabelledTile, writeLabelledTile } from "./labelled-tile.fixture.ts";
import type { HypercubeSourceConfig } from "./source-config.ts";

const config: HypercubeSourceConfig = {
  cubeShape: [1, 4, 8, 8],
  channels: null,
  numChannels: 1,
  missingChunks: "fill",
  labels: "array",
};

/** A slot's labels: in shared memory, and with those of another sample still in it. */
const newMap = () => new Int32Array(new SharedArrayBuffer(4 * 256)).fill(-1);

async function readFirst(
  { record }: LabelledTile,
  more: Partial<HypercubeSourceConfig> = {},
  say: (line: string) => void = () => {},
) {
  const [voxels, map] = [newVoxels("uint16", 256), newMap()];
  const source = new HypercubeSource({ ...config, ...more }, { say });
  const sample = { index: 0, record, origin: [0, 0, 0, 0] } as const;
  const report = await source.read(sample, voxels, { labels: map });
  return { report, map, voxels, again: () => source.read(sample, voxels, { labels: map }) };
}

async function addProperties({ folder }: LabelledTile, properties: readonly object[]) {
  const labels = join(folder, "tile.ome.zarr", "labels", "cells");
  const { attributes } = await openGroup(labels);
  const ome = { ...Object(attributes.ome), "image-label": { properties } };
  await createGroup(labels, { attributes: { ...attributes, ome } });
}

/** Where a voxel of the sample lies in the image, 4 x 8 x 16. */
const inImage = (at: number) => (at >> 3) * 16 + (at & 7);

for (const [shape, found] of [
  [[2, 4, 8], "1 x 2 x 4 x 8 x 1"],
  [[8, 16, 32], "1 x 8 x 16 x 32 x 1"],
] as const) {
  test(`labels of ${shape.join(" x ")} for an image of 4 x 8 x 16 are refused, not read from elsewhere`, async () => {
    const tile = await writeLabelledTile({ shape });
    const one = { ...config, cubeShape: [1, 1, 2, 2] as const };
    const source = new HypercubeSource(one);
    const sample = { index: 0, record: tile.record, origin: [0, 0, 0, 0] } as const;
    const read = source.read(sample, newVoxels("uint16", 4), { labels: new Int32Array(4) });
    await assert.rejects(read, (error: Error & { code?: string }) => {
      assert.equal(error.code, "DATA_LABELS");
      const sizes = `is ${found} (T Z Y X C), but its image asks for 1 x 4 x 8 x 16 x 1`;
      assert.ok(error.message.endsWith(sizes), error.message);
      return true;
    });
    await tile.remove();
  });
}

test("labels that are no image of OME-Zarr are a fault of the catalogue, and not of a chunk", async () => {
  const tile = await writeLabelledTile();
  await createGroup(join(tile.folder, "tile.ome.zarr", "labels", "cells"), { attributes: {} });
  await assert.rejects(readFirst(tile), {
    code: "DATA_LABELS",
    message: /^sample roi\/tile\.ome\.zarr@t0z0y0x0 cannot be read: .*cells/,
  });
  await tile.remove();
});

test("a chunk of labels that is not on disk is refused, or background that is counted and told once", async () => {
  const tile = await writeLabelledTile();
  await rm(tile.labelChunk(0, 1, 0));
  await assert.rejects(readFirst(tile, { missingChunks: "error" }), {
    code: "DATA_CHUNK",
    message: /sample roi\/tile\.ome\.zarr@t0z0y0x0 cannot be read: .*labels\/cells\/0/,
  });
  const said: string[] = [];
  const { report, map, again } = await readFirst(tile, {}, (line) => said.push(line));
  assert.deepEqual([report.missingChunks, report.missingLabelChunks, report.chunks], [0, 1, 8]);
  map.forEach((label, at) => {
    const isLost = ((at >> 3) & 7) >= 4 && (at & 7) < 4;
    assert.equal(label, isLost ? 0 : inImage(at));
  });
  await again();
  assert.equal(said.length, 1);
  assert.match(said[0] ?? "", /labels.cells.0: 1 of 4 chunks of sample .* taken as background; /);
  await tile.remove();
});

test("where labels must be there and damage is masked, what lacks them is not valid", async () => {
  const tile = await writeLabelledTile();
  await rm(tile.labelChunk(0, 1, 0));
  const { report, map, voxels } = await readFirst(tile, {
    missingChunks: "error",
    unreadable: "mask",
  });
  assert.deepEqual(report.unread, [{ from: [0, 0, 4, 0], to: [1, 4, 8, 4] }]);
  map.forEach((label, at) => {
    const isLost = ((at >> 3) & 7) >= 4 && (at & 7) < 4;
    assert.equal(label, isLost ? -1 : inImage(at));
    assert.equal(voxels[at] === 0, isLost);
  });
  await tile.remove();
});

const largest = 2 ** 31 - 1;
for (const [dtype, labels] of [
  ["bool", [0, 1]],
  ["uint8", [0, 255]],
  ["int8", [0, 127]],
  ["uint16", [0, 65535]],
  ["int16", [0, 32767]],
  ["uint32", [0, largest]],
  ["int32", [0, largest]],
  ["uint64", [0, largest]],
  ["int64", [0, largest]],
] as const) {
  test(`labels of ${dtype} are what is on disk, up to the largest`, async () => {
    const at = (i: number) => labels[i % 3 === 1 ? 1 : 0];
    const tile = await writeLabelledTile({ dtype, labelAt: at });
    const { map } = await readFirst(tile);
    assert.deepEqual(
      [...map],
      Array.from(map, (_, i) => at(inImage(i))),
    );
    await tile.remove();
  });
}

for (const [dtype, wrong, told] of [
  ["int8", -1, "-1"],
  ["int16", -300, "-300"],
  ["int32", -(2 ** 31), "-2147483648"],
  ["uint32", 2 ** 31, "2147483648"],
  ["int64", -5, "-5"],
  ["uint64", 2 ** 31, "2147483648"],
  ["uint64", 2 ** 40 + 7, "1099511627783"],
] as const) {
  test(`a label ${told} of ${dtype} is refused by its number`, async () => {
    const tile = await writeLabelledTile({ dtype, labelAt: (i) => (i === 17 ? wrong : 1) });
    await assert.rejects(readFirst(tile), {
      code: "DATA_LABELS",
      message: new RegExp(`has the label ${told}; expected 0 to 2\\^31 - 1$`),
    });
    await tile.remove();
  });
}

test("labels that are no whole numbers are refused", async () => {
  const tile = await writeLabelledTile({ dtype: "float32" });
  await assert.rejects(readFirst(tile), { code: "DATA_LABELS", message: /holds float32/ });
  await tile.remove();
});

test("what another sample left in the memory is no label of a sample that is padded", async () => {
  const tile = await writeLabelledTile({ dtype: "int32", labelAt: () => 3 });
  const record = { ...tile.record, x_size: 3 };
  const { map } = await readFirst({ ...tile, record });
  assert.deepEqual(
    [...map],
    Array.from(map, (_, at) => ((at & 7) < 3 ? 3 : -1)),
  );
  await tile.remove();
});

test("a class that a number of 32 bits cannot hold is refused", async () => {
  const tile = await writeLabelledTile();
  const properties = [{ "label-value": 1, class: 2 ** 31 }];
  await addProperties(tile, properties);
  await assert.rejects(readFirst(tile), {
    code: "DATA_LABELS",
    message: /label 1 has the class 2147483648; expected a whole number from 0 to 2\^31 - 1$/,
  });
  await tile.remove();
});

test("a channel cannot be of the image and hold the labels", async () => {
  const tile = await writeTile({ shape: [1, 4, 8, 16, 3] });
  const [record] = tile.records;
  assert.ok(record);
  const channels = { channels: [0, 2], numChannels: 2, labels: { channel: -1 } } as const;
  const source = new HypercubeSource({ ...config, cubeShape: [1, 4, 4, 4], ...channels });
  const sample = { index: 0, record, origin: [0, 0, 0, 0] } as const;
  const read = source.read(sample, newVoxels("uint16", 128), { labels: new Int32Array(64) });
  await assert.rejects(read, {
    code: "DATA_SHAPE",
    message: /^sample roi\/tile.* cannot be read: channel 2 of .* holds the labels/,
  });
  await tile.remove();
});
