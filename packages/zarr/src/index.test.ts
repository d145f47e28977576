import assert from "node:assert/strict";
import { test } from "node:test";
import * as zarr from "./index.ts";

test("the public names are these", () => {
  assert.deepEqual(Object.keys(zarr).sort(), [
    "ChunkCache",
    "SafetensorsError",
    "ZarrAddonError",
    "ZarrArray",
    "ZarrError",
    "createArray",
    "createGroup",
    "frameIntervalS",
    "openArray",
    "openGroup",
    "readLabelNames",
    "readMultiscales",
    "readSafetensors",
    "setThreads",
    "threads",
    "voxelSizeUm",
    "waitedFor",
    "writeLabelNames",
    "writeMultiscales",
    "writeSafetensors",
  ]);
});

test("the pool has the threads that it is told to have", () => {
  const before = zarr.threads();
  assert.ok(before >= 1);
  zarr.setThreads(3);
  assert.equal(zarr.threads(), 3);
  zarr.setThreads(before);
  for (const count of [0, -1, 1.5, Number.NaN, 1e9]) {
    assert.throws(() => zarr.setThreads(count), { code: "ZARR_BOUNDS" }, String(count));
  }
  assert.equal(zarr.threads(), before);
});
