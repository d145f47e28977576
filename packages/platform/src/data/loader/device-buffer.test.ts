import assert from "node:assert/strict";
import { cudaDeviceCount, liveTensors, scope } from "@cell-observatory/engine";
import { tensorTest } from "../../../test/support/tensor-test.ts";
import { newVoxels, type VoxelDtype } from "../voxels.ts";
import { DeviceBuffer } from "./device-buffer.ts";

function batchOf(value: number, { B = 2, dtype = "uint16" as VoxelDtype } = {}) {
  const voxels = newVoxels(dtype, B * 8).fill(value);
  const report = {
    readMs: 0,
    collateMs: 0,
    copyMs: 0,
    waitMs: 0,
    chunks: 0,
    cachedChunks: 0,
    missingChunks: 0,
    missingLabelChunks: 0,
    samplesWithMissing: 0,
    unreadChunks: 0,
    retries: 0,
    skipped: [],
  };
  return { voxels, dtype, shape: [B, 1, 2, 2, 2, 1] as const, report };
}

const valuesOf = (tensor: ReturnType<DeviceBuffer["stage"]>) => [
  ...(tensor.to({ dtype: "float32", device: "cpu" }).data() as Float32Array),
];

tensorTest("on the CPU a batch is not copied, whatever its number type", () => {
  const buffer = new DeviceBuffer("cpu");
  for (const dtype of ["uint8", "uint16", "int16", "float32"] as const) {
    const batch = batchOf(7, { dtype });
    const staged = buffer.stage(batch);
    assert.equal(staged.dtype, dtype);
    batch.voxels[3] = 9;
    assert.equal(valuesOf(staged)[3], 9);
    assert.equal(batch.report.copyMs, 0);
  }
});

const devices = ["cpu", ...(cudaDeviceCount() > 0 ? (["cuda:0"] as const) : [])] as const;
for (const device of devices) {
  tensorTest(`copies on ${device} are in memory used in turns, and outlive the host's slot`, () => {
    const buffer = new DeviceBuffer(device, { copies: true });
    const batches = [1, 2, 3].map((value) => batchOf(value));
    const [first, second] = batches.slice(0, 2).map((batch) => buffer.stage(batch));
    assert.ok(first && second);
    for (const { voxels } of batches.slice(0, 2)) voxels.fill(99);
    assert.deepEqual(valuesOf(first), Array(16).fill(1));
    assert.deepEqual(valuesOf(second), Array(16).fill(2));
    buffer.stage(batches[2] ?? batchOf(3));
    assert.deepEqual(valuesOf(first), Array(16).fill(3)); // its turn has come again
    const smaller = buffer.stage(batchOf(5, { B: 1 }));
    assert.deepEqual(smaller.shape, [1, 1, 2, 2, 2, 1]);
    assert.ok(batches.every(({ report }) => report.copyMs > 0));
    const before = liveTensors();
    for (let i = 0; i < 20; i++) scope(() => void buffer.stage(batchOf(i)));
    assert.equal(liveTensors(), before);
    assert.deepEqual(valuesOf(buffer.stage(batchOf(8, { B: 3 }))), Array(24).fill(8));
    buffer.release();
  });
}
