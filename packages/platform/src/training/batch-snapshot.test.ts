import assert from "node:assert/strict";
import { test } from "node:test";
import { liveTensors, Tensor } from "@cell-observatory/engine";
import { batchSnapshot } from "./batch-snapshot.ts";

const batch = { sampleIds: ["a"], number: 3, report: { missingChunks: 0, skipped: [] } };
const slot = Float32Array.from({ length: 100 }, (_, i) => i);
const prepare = () => ({
  video: Tensor.from(slot, { shape: [1, 100] }),
  keep_BK: Tensor.zeros([1, 2], { dtype: "int64" }),
  layout: "ZYXC",
});

test("a snapshot has the tensors that the model is fed, and none stays behind", () => {
  const before = liveTensors();
  const { samples, tensors, leftOut } = batchSnapshot({ prepare }, batch);
  assert.equal(liveTensors(), before);
  assert.deepEqual([samples.sampleIds, samples.number, leftOut], [["a"], 3, []]);
  assert.deepEqual([...tensors.keys()].sort(), ["keep_BK", "video"]);
  assert.deepEqual(Buffer.from(tensors.get("video")?.bytes ?? []), Buffer.from(slot.buffer));
});

test("of tensors that are too large together, the largest are left out, by name", () => {
  const { tensors, leftOut } = batchSnapshot({ prepare }, batch, 399);
  assert.deepEqual([[...tensors.keys()], leftOut], [["keep_BK"], ["video"]]);
});
