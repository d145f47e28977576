import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createArray, createGroup, openGroup, writeMultiscales } from "@cell-observatory/zarr";
import type { Batch, BoxFormat } from "../batch.ts";
import { HypercubeSource } from "../source/hypercube-source.ts";
import { Dataloader } from "./dataloader.ts";
import { validationSampler } from "./sampler.ts";
import { recordAt, tableOf } from "./tiles.fixture.ts";

// Two frames of 4 x 6 x 8. Cell 7 moves by one along x, cell 3 is in the second frame alone, and cell
// 900 reaches out of the first sample.
const [T, Z, Y, X] = [2, 4, 6, 8] as const;
const cells = [
  { id: 7, t: 0, from: [0, 1, 1], to: [2, 3, 3] },
  { id: 7, t: 1, from: [0, 1, 2], to: [2, 3, 4] },
  { id: 3, t: 1, from: [3, 0, 0], to: [4, 1, 1] },
  { id: 900, t: 0, from: [2, 4, 3], to: [4, 6, 7] },
  { id: 900, t: 1, from: [2, 4, 3], to: [4, 6, 7] },
] as const;
const labelAt = (t: number, z: number, y: number, x: number) =>
  cells.find(
    (cell) =>
      cell.t === t &&
      [z, y, x].every((at, i) => at >= (cell.from[i] ?? 0) && at < (cell.to[i] ?? 0)),
  )?.id ?? 0;
const intensityAt = (t: number, z: number, y: number, x: number) =>
  100 + ((t * Z + z) * Y + y) * X + x;

const everywhere = (value: (t: number, z: number, y: number, x: number) => number) =>
  Array.from({ length: T * Z * Y * X }, (_, i) =>
    value(Math.floor(i / (Z * Y * X)), Math.floor(i / (Y * X)) % Z, Math.floor(i / X) % Y, i % X),
  );

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cello-finetune-"));
});
after(() => rm(folder, { recursive: true, force: true }));

/** An image with its labels in channel `at` of two. */
async function imageWithLabelChannel(name: string, at: 0 | 1): Promise<void> {
  const shape = [T, Z, Y, X, 2];
  const array = await createArray(join(folder, name, "0"), {
    shape,
    chunkShape: [1, 2, 4, 4, 2],
    dtype: "uint16",
  });
  const [labels, image] = [everywhere(labelAt), everywhere(intensityAt)];
  const data = Uint16Array.from({ length: 2 * labels.length }, (_, i) => {
    const voxel = i >> 1;
    return (i % 2 === at ? labels[voxel] : image[voxel]) ?? 0;
  });
  await array.write(data, { origin: [0, 0, 0, 0, 0], shape });
}

/** An image of one channel, and its labels in an array of their own, with classes. */
async function imageWithLabelArray(name: string): Promise<void> {
  const image = await createArray(join(folder, name, "0"), {
    shape: [T, Z, Y, X, 1],
    chunkShape: [1, 4, 6, 8, 1],
    dtype: "uint16",
  });
  const origin = [0, 0, 0, 0];
  await image.write(Uint16Array.from(everywhere(intensityAt)), {
    origin: [...origin, 0],
    shape: [T, Z, Y, X, 1],
  });
  const labels = join(folder, name, "labels", "cells");
  await mkdir(labels, { recursive: true });
  const array = await createArray(join(labels, "0"), {
    shape: [T, Z, Y, X],
    chunkShape: [1, 2, 3, 4],
    dtype: "int64",
  });
  const values = BigInt64Array.from(everywhere(labelAt), BigInt);
  await array.write(values, { origin, shape: [T, Z, Y, X] });
  await writeMultiscales(labels, {
    version: "0.5",
    axes: [
      { name: "t", type: "time" },
      ...["z", "y", "x"].map((axis) => ({ name: axis, type: "space" as const })),
    ],
    datasets: [{ path: "0", scale: [1, 1, 1, 1], translation: [0, 0, 0, 0] }],
  });
  const group = await openGroup(labels);
  const properties = [{ "label-value": 7, class: 2 }, { "label-value": 900 }];
  const ome = { ...Object(group.attributes.ome), "image-label": { properties } };
  await createGroup(labels, { attributes: { ...group.attributes, ome } });
}

interface Case {
  readonly image: string;
  readonly labels: "array" | { readonly channel: number };
  readonly frames?: 1 | 2;
  readonly boxFormat?: BoxFormat;
  readonly isNormalized?: boolean;
  /** Samples in a batch: of two samples, a third row only fills it. */
  readonly batchSize?: number;
}

/** The first batch: samples at x = 0 and x = 4, 4 x 6 x 4 each; the second has padding after x = 8. */
async function batchOf({
  image,
  labels,
  frames = 2,
  boxFormat = "zyxzyx",
  isNormalized = false,
  batchSize = 2,
}: Case) {
  const cube = [frames, Z, Y, 5] as const;
  const numChannels = labels === "array" ? 1 : 2;
  const record = recordAt(folder, [0, 0, 0, 0], cube, [T, Z, Y, X, numChannels]);
  const of = {
    ...record,
    tile_name: image,
    labels_path: labels === "array" ? "labels/cells" : null,
  };
  const table = await tableOf([of, { ...of, x_start: 4 }]);
  const source = new HypercubeSource({
    cubeShape: cube,
    channels: null,
    numChannels: 1,
    missingChunks: "error",
    labels,
  });
  const loader = new Dataloader(
    {
      batchSize,
      lastBatch: "pad",
      num_slots: 1,
      read_ahead: 0,
      timeout_s: 600,
      read_failure_policy: "raise",
      max_skipped: 0,
      targets: { boxFormat, isNormalized },
    },
    source,
    validationSampler(table, { validation: Int32Array.of(0, 1) }),
  );
  const batches: Batch[] = [];
  for await (const batch of loader.epoch(0)) {
    const { labelMap, voxels } = batch; // the loop has one batch: nobody overwrites them
    batches.push({ ...batch, labelMap, voxels });
  }
  const [batch] = batches;
  assert.ok(batch?.targets && batch.labelMap);
  return { ...batch, targets: batch.targets, labelMap: batch.labelMap };
}

function checkMaps({ labelMap, voxels, shape }: Batch): void {
  const [B, frames] = shape;
  for (let i = 0; i < B * frames * Z * Y * 5; i++) {
    const x = (i % 5) + (i < frames * Z * Y * 5 ? 0 : 4);
    const place = [
      Math.floor(i / (Z * Y * 5)) % frames,
      Math.floor(i / (Y * 5)) % Z,
      Math.floor(i / 5) % Y,
      x,
    ] as const;
    assert.equal(labelMap?.[i], x < X ? labelAt(...place) : -1);
    assert.equal(voxels[i], x < X ? intensityAt(...place) : 0);
  }
}

for (const [position, channel] of [
  ["first", 0],
  ["last", 1],
  ["last", -1],
] as const) {
  test(`labels are read from the ${position} channel (${channel}), and the image from the other`, async () => {
    const image = `channel${channel}.zarr`;
    await imageWithLabelChannel(image, channel === 0 ? 0 : 1);
    const batch = await batchOf({ image, labels: { channel } });
    assert.deepEqual(batch.shape, [2, 2, Z, Y, 5, 1]);
    checkMaps(batch);
    const [first, second] = batch.targets;
    assert.deepEqual([...(first?.ids ?? [])], [3, 7, 900]);
    assert.deepEqual([...(first?.labels ?? [])], [0, 0, 0]);
    assert.deepEqual([...(second?.ids ?? [])], [900]);
  });
}

test("labels are read from an array of their own, with boxes and ids in each frame, and classes", async () => {
  await imageWithLabelArray("array.zarr");
  const batch = await batchOf({ image: "array.zarr", labels: "array" });
  checkMaps(batch);
  const [first, second] = batch.targets;
  assert.ok(first && second);
  assert.deepEqual([...first.ids], [3, 7, 900]);
  assert.deepEqual([...first.labels], [0, 2, 0]);
  assert.deepEqual([...first.isPresent], [0, 1, 1, 1, 1, 1]);
  const boxes = Array.from({ length: 6 }, (_, n) => [...first.boxes.subarray(6 * n, 6 * n + 6)]);
  assert.deepEqual(boxes, [
    [0, 0, 0, 0, 0, 0],
    [0, 1, 1, 2, 3, 3],
    [2, 4, 3, 4, 6, 5], // cut by the crop
    [3, 0, 0, 4, 1, 1],
    [0, 1, 2, 2, 3, 4],
    [2, 4, 3, 4, 6, 5],
  ]);
  assert.deepEqual([...second.boxes.subarray(0, 6)], [2, 4, 0, 4, 6, 3]);
  assert.deepEqual(batch.validSizes, [
    [2, 4, 6, 5],
    [2, 4, 6, 4],
  ]);
});

test("a volume has one frame, and boxes come in the format that was asked for", async () => {
  await imageWithLabelArray("formats.zarr");
  const boxes = async (options: Partial<Case>) => {
    const { targets } = await batchOf({
      image: "formats.zarr",
      labels: "array",
      frames: 1,
      ...options,
    });
    const [first, second] = targets.map((target) => [...target.boxes]);
    return [first?.slice(0, 6), second?.slice(0, 6)];
  };
  assert.deepEqual(await boxes({}), [
    [0, 1, 1, 2, 3, 3],
    [2, 4, 0, 4, 6, 3],
  ]);
  assert.deepEqual(await boxes({ boxFormat: "xyzxyz" }), [
    [1, 1, 0, 3, 3, 2],
    [0, 4, 2, 3, 6, 4],
  ]);
  assert.deepEqual(await boxes({ boxFormat: "cxcyczwhd" }), [
    [2, 2, 1, 2, 2, 2],
    [1.5, 5, 3, 3, 2, 2],
  ]);
  const [, normalized] = await boxes({ isNormalized: true });
  const wanted = [2 / 4, 4 / 6, 0, 4 / 4, 6 / 6, 3 / 4]; // of its valid sizes, 4 x 6 x 4
  assert.deepEqual(normalized, [...Float32Array.from(wanted)]);
});

test("a row that only fills the batch has no labels, and nothing to find", async () => {
  await imageWithLabelArray("filled.zarr");
  const batch = await batchOf({ image: "filled.zarr", labels: "array", batchSize: 3 });
  assert.deepEqual(batch.rowIsValid, [true, true, false]);
  const size = batch.labelMap.length / 3;
  assert.ok(batch.labelMap.subarray(2 * size).every((label) => label === -1));
  assert.deepEqual(
    batch.targets.map(({ ids }) => [...ids]),
    [[3, 7, 900], [900], []],
  );
  const [, , filling] = batch.targets;
  assert.deepEqual([filling?.boxes.length, filling?.isPresent.length], [0, 0]);
});
