import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { StepEvent } from "./hook.ts";
import { randomBatch, type TinyBatch, tinyRun } from "./tiny-run.fixture.ts";

test("batches that make no whole step are an epoch's last step, also for a run that goes on", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "cello-kept-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const batchesPerEpoch = 5;
  const source = {
    batchesPerEpoch,
    async *epoch(epoch: number, { from }: { readonly from: number }) {
      for (let number = from; number < batchesPerEpoch; number++) {
        const batch: TinyBatch = randomBatch(epoch, number);
        // The last one holds one sample, and a row that only fills it.
        yield number === 4 ? { ...batch, rowIsValid: [true, false] } : batch;
      }
    },
  };
  const steps: string[][] = [];
  const stopAfter = new AbortController();
  const keep = {
    name: "keep",
    afterStep: ({ sampleIds }: StepEvent) => {
      steps.push([...sampleIds]);
      if (steps.length === 2) stopAfter.abort();
    },
  };
  const config = { totalSteps: 6, stepsPerEpoch: 3, batchesPerStep: 2 };
  const begun = tinyRun({ folder, hooks: [keep], config, source });
  const { kind, step } = await begun.trainer.run(stopAfter.signal);
  assert.deepEqual([kind, step], ["stopped", 2]);
  const { trainer, store } = tinyRun({ folder, hooks: [keep], config, source });
  const checkpoint = await store.load("latest");
  trainer.restore(checkpoint);
  assert.equal((await trainer.run(new AbortController().signal)).kind, "completed");
  const ofEpoch = (epoch: number) => [
    [0, 1].flatMap((batch) => [0, 1].map((row) => `${epoch}/${batch}/${row}`)),
    [2, 3].flatMap((batch) => [0, 1].map((row) => `${epoch}/${batch}/${row}`)),
    [`${epoch}/4/0`],
  ];
  assert.deepEqual(steps, [...ofEpoch(0), ...ofEpoch(1)]);
});
