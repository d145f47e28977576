import assert from "node:assert/strict";
import { test } from "node:test";
import { Tensor } from "@cell-observatory/engine";
import type { TrainableModel } from "../models/index.ts";
import type { BatchSource, SampleBatch } from "./batch-source.ts";
import { validate } from "./validate.ts";

/** A batch whose loss is known. */
interface Known extends SampleBatch {
  readonly loss: number;
}

const known = (loss: number, rowIsValid: readonly boolean[]): Known => ({
  loss,
  rowIsValid,
  sampleIds: rowIsValid.map((_, row) => `${loss}/${row}`),
  report: { missingChunks: 0, skipped: [] },
});

test("samples weigh the same, and a batch of rows that only fill it weighs nothing", async () => {
  const batches = [
    known(2, [true, true]),
    known(Number.NaN, [false, false]),
    known(8, [true, false]),
  ];
  const source: BatchSource<Known> = {
    batchesPerEpoch: batches.length,
    async *epoch() {
      yield* batches;
    },
  };
  const model = {
    eval: () => {},
    train: () => {},
    forward: ({ loss }: Known) => ({
      loss: Tensor.from(Float32Array.of(loss), { shape: [] }),
      parts: { half: Tensor.from(Float32Array.of(loss / 2), { shape: [] }) },
    }),
  } as unknown as TrainableModel<Known>;
  const validated = await validate({
    model,
    source,
    prepare: (batch) => batch,
    precision: "float32",
    device: "cpu",
    maxBatches: null,
    signal: new AbortController().signal,
  });
  const metrics = { val_step_loss: (2 + 2 + 8) / 3, val_half: (1 + 1 + 4) / 3 };
  assert.deepEqual(validated, { metrics, skipped: [] });
});
