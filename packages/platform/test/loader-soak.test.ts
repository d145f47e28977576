import assert from "node:assert/strict";
import { test } from "node:test";
import { killedLoader } from "./soak/killed-loader.ts";
import { numSlots, soakedLoader } from "./soak/soaked-loader.ts";

test("thousands of batches hold what is on disk, and leave slots, tensors and files where they were", async () => {
  const { batches, left, skipped, grown, freeSlots, ...read } = await soakedLoader(2000, 1);
  assert.ok(batches >= 2000 && left > 10 && skipped > 100, `${left}, ${skipped}`);
  assert.ok(read.cachedChunks > 100 && read.missingLabelChunks > 100);
  assert.equal(freeSlots, numSlots);
  assert.deepEqual([grown.tensors, grown.tensorBytes], [0, 0]);
  assert.ok(grown.openFiles <= 0, `${grown.openFiles} more files are open`);
});

test("a loader that is killed while it reads leaves no shared memory behind", async () => {
  if (process.platform !== "linux") return;
  for (const afterMs of [0, 50]) assert.deepEqual(await killedLoader(afterMs), []);
});
