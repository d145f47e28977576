import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readSafetensors } from "@cell-observatory/zarr";
import { CheckpointStore } from "../../src/checkpoint/index.ts";
import { startCello } from "./cello-process.ts";
import { smallData, smallRun } from "./small-data.ts";

test("a loss that is NaN ends a run with 5; the report places the samples, and their voxels and masks lie beside it", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "cello-anomaly-"));
  t.after(() => rm(folder, { recursive: true }));
  const [data, runs] = [join(folder, "data"), join(folder, "runs")];
  const run = join(runs, "nuclei_mae");
  await smallData(data);
  const env = { CELLO_FAILPOINT: "opt.afterStep=kill@5" };
  await startCello(["train", ...smallRun], { data, runs, env }).ended;
  const keep = { keep_last: 2, keep_every: null };
  const store = new CheckpointStore({ folder: join(run, "checkpoints"), keep });
  const checkpoint = await store.load("latest");
  for (const { bytes } of checkpoint.model.values()) bytes.fill(0xff); // NaN in float32
  await store.save({ ...checkpoint, step: checkpoint.step + 1 });
  const { code, stderr } = await startCello(["train", ...smallRun], { data, runs }).ended;
  assert.equal(code, 5, stderr);
  const [, report = "", batch = ""] =
    /NUMERIC_ANOMALY: the loss is NaN in step 4 .* are in (\S+), the batch .* in (\S+)$/m.exec(
      stderr,
    ) ?? assert.fail(stderr);
  const facts = JSON.parse(await readFile(report, "utf8"));
  assert.equal(facts.sampleIds.length, 4);
  const { sampleIds, records, origins, number, samples } = facts.batch;
  assert.deepEqual([number, samples], [6, [12, 13]]); // two batches a step
  origins.forEach(([time, z, y, x]: number[], i: number) => {
    assert.equal(sampleIds[i], `blobs/blobs.ome.zarr@t${time}z${z}y${y}x${x}`);
    assert.equal(records[i].output_folder, "sample");
  });
  const { tensors } = await readSafetensors(batch);
  assert.deepEqual(tensors.get("video")?.shape, [2, 4, 16, 16, 1]);
  assert.deepEqual([...tensors.keys()].sort(), ["hidden_BM", "keep_BK", "restore_BN", "video"]);
});
