import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { StepEvent } from "./hook.ts";
import { randomBatch, tinyRun } from "./tiny-run.fixture.ts";

test("rows that only fill a batch are no samples of a step, and what batches took adds up", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cello-filled-"));
  const steps: Pick<StepEvent, "sampleIds" | "data">[] = [];
  const keep = {
    name: "keep",
    afterStep: ({ sampleIds, data }: StepEvent) => void steps.push({ sampleIds, data }),
  };
  const { trainer, recorder } = tinyRun({
    folder,
    hooks: [keep],
    config: { totalSteps: 2, stepsPerEpoch: 2, batchesPerStep: 2 },
    batch: (epoch, number) => {
      const batch = randomBatch(epoch, number);
      const rowIsValid = number === 3 ? [true, false] : undefined;
      const took = { readMs: 5, retries: number, chunks: 4, cachedChunks: 1, unreadChunks: 2 };
      const lost = { missingChunks: 1, missingLabelChunks: number };
      return { ...batch, rowIsValid, report: { ...batch.report, ...took, ...lost } };
    },
  });
  await trainer.run(new AbortController().signal);
  assert.deepEqual(
    steps.map(({ sampleIds }) => sampleIds),
    [
      ["0/0/0", "0/0/1", "0/1/0", "0/1/1"],
      ["0/2/0", "0/2/1", "0/3/0"],
    ],
  );
  const sums = steps.map(({ data }) => [data.readMs, data.retries, data.chunks, data.cachedChunks]);
  assert.deepEqual(sums, [
    [10, 1, 8, 2],
    [10, 5, 8, 2],
  ]);
  assert.equal(recorder.latest("read_retries_sum"), 6); // of the epoch
  assert.equal(recorder.latest("unread_chunks_sum"), 8);
  assert.equal(recorder.latest("missing_chunks_sum"), 4); // labels are told apart from images
  assert.equal(recorder.latest("missing_label_chunks_sum"), 6);
  rmSync(folder, { recursive: true });
});
