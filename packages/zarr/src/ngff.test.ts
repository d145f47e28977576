import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createGroup, openGroup } from "./group.ts";
import {
  type Multiscales,
  readLabelNames,
  readMultiscales,
  writeLabelNames,
  writeMultiscales,
} from "./ngff.ts";
import { temporaryFolder } from "./test-arrays.ts";
import { frameIntervalS, voxelSizeUm } from "./voxel-size.ts";

// Shortened from the examples of the specification, ngff.openmicroscopy.org/0.4 and /0.5.
const example04 = {
  multiscales: [
    {
      version: "0.4",
      name: "example",
      axes: [
        { name: "t", type: "time", unit: "millisecond" },
        { name: "c", type: "channel" },
        { name: "z", type: "space", unit: "micrometer" },
        { name: "y", type: "space", unit: "micrometer" },
        { name: "x", type: "space", unit: "micrometer" },
      ],
      datasets: [
        {
          path: "0",
          coordinateTransformations: [{ type: "scale", scale: [1.0, 1.0, 0.5, 0.5, 0.5] }],
        },
        {
          path: "1",
          coordinateTransformations: [
            { type: "scale", scale: [1.0, 1.0, 1.0, 1.0, 1.0] },
            { type: "translation", translation: [0, 0, 0.25, 0.25, 0.25] },
          ],
        },
      ],
      coordinateTransformations: [{ type: "scale", scale: [0.1, 1.0, 2.0, 1.0, 1.0] }],
      type: "gaussian",
      metadata: { method: "skimage.transform.pyramid_gaussian" },
    },
  ],
  omero: {
    id: 1,
    channels: [
      { active: true, color: "0000FF", label: "LaminB1", window: { end: 1500, start: 0 } },
      { active: true, color: "00FF00" },
    ],
  },
};

test("the example of specification 0.4 is read, its two levels of scale as one", async (t) => {
  const path = await temporaryFolder(t);
  await createGroup(path, { attributes: example04, zarrFormat: 2 });
  const image = await readMultiscales(path);
  assert.deepEqual(image.datasets, [
    { path: "0", scale: [0.1, 1, 1, 0.5, 0.5], translation: [0, 0, 0, 0, 0] },
    { path: "1", scale: [0.1, 1, 2, 1, 1], translation: [0, 0, 0.5, 0.25, 0.25] },
  ]);
  assert.deepEqual(image.channelNames, ["LaminB1", "channel 1"]);
  assert.deepEqual([image.version, image.name, image.axes.length], ["0.4", "example", 5]);
  assert.deepEqual(voxelSizeUm(image), [1, 0.5, 0.5]);
  assert.deepEqual(voxelSizeUm(image, 1), [2, 1, 1]);
});

const image: Multiscales = {
  version: "0.5",
  name: "embryo",
  axes: [
    { name: "t", type: "time", unit: "second" },
    { name: "z", type: "space", unit: "micrometer" },
    { name: "y", type: "space", unit: "nanometer" },
    { name: "x", type: "space" },
    { name: "c", type: "channel" },
  ],
  datasets: [{ path: "0", scale: [30, 0.4, 108, 0.108, 1], translation: [0, 0, 5, 0, 0] }],
  channelNames: ["membrane", "nuclei"],
};

test("what is written is read again, in both versions, and other attributes stay", async (t) => {
  const folder = await temporaryFolder(t);
  for (const version of ["0.4", "0.5"] as const) {
    const path = join(folder, version);
    const zarrFormat = version === "0.5" ? 3 : 2;
    await createGroup(path, { attributes: { mine: [1, 2] }, zarrFormat });
    await writeMultiscales(path, { ...image, version });
    await writeMultiscales(path, { ...image, version });
    assert.deepEqual(await readMultiscales(path), { ...image, version });
    const group = await openGroup(path);
    assert.deepEqual([group.attributes.mine, group.zarrFormat], [[1, 2], zarrFormat]);
    await writeLabelNames(path, ["nuclei", "cells/curated"], version);
    assert.deepEqual(await readLabelNames(path), ["nuclei", "cells/curated"]);
  }
});

test("units of length are brought to micrometres, and others are refused", () => {
  assert.deepEqual(voxelSizeUm(image), [0.4, 0.108, 0.108]);
  for (const unit of ["day", "Micrometer", "um", "constructor"]) {
    assert.throws(() => voxelSizeUm(imageIn(unit)), {
      code: "NGFF_METADATA",
      message: new RegExp(`found ${unit}`),
    });
  }
});

const lengths = [
  "angstrom attometer centimeter decimeter exameter femtometer foot gigameter hectometer inch",
  "kilometer megameter meter micrometer mile millimeter nanometer parsec petameter picometer",
  "terameter yard yoctometer yottameter zeptometer zettameter",
];
const times = [
  "attosecond centisecond day decisecond exasecond femtosecond gigasecond hectosecond hour",
  "kilosecond megasecond microsecond millisecond minute nanosecond petasecond picosecond second",
  "terasecond yoctosecond yottasecond zeptosecond zettasecond",
];

test("every unit that the specification lists is known", () => {
  for (const unit of lengths.join(" ").split(" ")) {
    assert.ok(voxelSizeUm(imageIn(unit)).every((edge) => edge > 0));
  }
  for (const unit of times.join(" ").split(" "))
    assert.ok(Number(frameIntervalS(imageIn(unit))) > 0);
});

for (const { unit, seconds } of [
  { unit: "second", seconds: 30 },
  { unit: "minute", seconds: 1800 },
  { unit: "millisecond", seconds: 0.03 },
  { unit: "hour", seconds: 108_000 },
  { unit: "frame", seconds: null },
  { unit: "micrometer", seconds: null },
]) {
  test(`30 times a ${unit} from frame to frame is ${seconds} s`, () => {
    assert.equal(frameIntervalS(imageIn(unit)), seconds);
  });
}

test("an image without time, or without a unit of it, has no frame interval", () => {
  assert.equal(frameIntervalS({ ...image, axes: image.axes.slice(1) }), null);
  assert.equal(frameIntervalS({ ...image, axes: [{ name: "t", type: "time" }] }), null);
});

/** The image with this unit on all its axes. */
function imageIn(unit: string): Multiscales {
  return { ...image, axes: image.axes.map((axis) => ({ ...axis, unit })) };
}

test("an image without labels has no label names", async (t) => {
  assert.deepEqual(await readLabelNames(await temporaryFolder(t)), []);
});

test("metadata that the specification refuses is refused on reading and on writing", async (t) => {
  const folder = await temporaryFolder(t);
  const [dataset] = image.datasets;
  assert.ok(dataset);
  for (const [change, message] of [
    [{ datasets: [] }, /datasets/],
    [{ axes: [{ name: "x" }] }, /axes/],
    [{ datasets: [{ ...dataset, path: "../../etc" }] }, /below the group/],
    [{ datasets: [{ ...dataset, path: "/etc" }] }, /below the group/],
    [{ datasets: [{ ...dataset, path: "a/./b" }] }, /below the group/],
    [{ datasets: [{ ...dataset, scale: [1, 1] }] }, /number for each of 5 axes, found \[1, 1\]/],
    [{ datasets: [{ ...dataset, scale: [1, 1, 1, 1, Number.NaN] }] }, /NaN/],
  ] as const) {
    const bad = { ...image, ...change };
    await assert.rejects(writeMultiscales(join(folder, "w"), bad), {
      code: "NGFF_METADATA",
      message,
    });
    const datasets = bad.datasets.map(({ path, scale, translation }) => ({
      path,
      coordinateTransformations: [
        { type: "scale", scale },
        { type: "translation", translation },
      ],
    }));
    const attributes = { ome: { version: "0.5", multiscales: [{ axes: bad.axes, datasets }] } };
    await createGroup(join(folder, "r"), { attributes });
    await assert.rejects(readMultiscales(join(folder, "r")), { code: "NGFF_METADATA" });
  }
  await createGroup(join(folder, "old"), { attributes: {}, zarrFormat: 2 });
  const none = {
    code: "NGFF_METADATA",
    message: /old: expected OME-Zarr metadata: .*multiscales/s,
  };
  await assert.rejects(readMultiscales(join(folder, "old")), none);
  await assert.rejects(writeLabelNames(folder, [".."], "0.5"), { code: "NGFF_METADATA" });
});

test("a group is made once, opened again, and told from an array", async (t) => {
  const folder = await temporaryFolder(t);
  for (const zarrFormat of [2, 3] as const) {
    const path = join(folder, `${zarrFormat}`);
    const made = await createGroup(path, { attributes: { a: 1 }, zarrFormat });
    assert.deepEqual(await openGroup(path), made);
    const other = createGroup(path, { zarrFormat: zarrFormat === 2 ? 3 : 2 });
    await assert.rejects(other, { code: "ZARR_EXISTS" });
  }
  await assert.rejects(openGroup(join(folder, "none")), { code: "ZARR_OPEN" });
  await mkdir(join(folder, "array"));
  const text = JSON.stringify({ zarr_format: 3, node_type: "array" });
  await writeFile(join(folder, "array/zarr.json"), text);
  await assert.rejects(openGroup(join(folder, "array")), {
    code: "ZARR_OPEN",
    message: /found "array"/,
  });
  await assert.rejects(createGroup(join(folder, "array")), { code: "ZARR_OPEN" });
});
