import { noGrad } from "@cell-observatory/engine";
import type { Scalars } from "../telemetry/index.ts";
import { type BatchSource, countedIds, type SampleBatch } from "./batch-source.ts";
import { type ForwardParts, forwardOnly } from "./train-step.ts";

export interface ValidationParts<Batch extends SampleBatch, Ready>
  extends ForwardParts<Batch, Ready> {
  readonly source: BatchSource<Batch>;
  /** Batches at most; null: all. */
  readonly maxBatches: number | null;
  /** Aborted to give it up. */
  readonly signal: AbortSignal;
}

export interface Validated {
  /** Means over the samples: `val_step_loss`, and `val_NAME` for each part of the loss. */
  readonly metrics: Scalars;
  /** Held-out samples that could not be read, and are in no mean. */
  readonly skipped: SampleBatch["report"]["skipped"];
}

/**
 * Validates a model on the held-out samples; null when it was given up.
 *
 * Every sample weighs the same, also those of a smaller last batch. Samples, their order and their
 * masks are the same at each call, so that epochs compare. Dropout is off while it runs.
 */
export async function validate<Batch extends SampleBatch, Ready>(
  parts: ValidationParts<Batch, Ready>,
): Promise<Validated | null> {
  const { model, source, maxBatches, signal } = parts;
  const sums = new Map<string, number>();
  const skipped: SampleBatch["report"]["skipped"][number][] = [];
  let numSamples = 0;
  let numBatches = 0;
  model.eval();
  try {
    for await (const batch of source.epoch(0, { from: 0, signal })) {
      if (signal.aborted) return null;
      const { loss, parts: lossParts } = noGrad(() => forwardOnly(parts, batch));
      const weight = countedIds(batch).length;
      for (const [name, value] of Object.entries({ step_loss: loss, ...lossParts })) {
        const part = weight === 0 ? 0 : weight * value; // a mean over no samples is no number
        sums.set(name, (sums.get(name) ?? 0) + part);
      }
      skipped.push(...batch.report.skipped);
      numSamples += weight;
      numBatches += 1;
      if (numBatches === maxBatches) break;
      await new Promise((resolve) => setImmediate(resolve)); // signals, readers and timers run
    }
  } catch (error) {
    if (signal.aborted && error === signal.reason) return null; // it was heard while a batch was read
    throw error;
  } finally {
    model.train();
  }
  const means = [...sums].map(([name, sum]) => [`val_${name}`, sum / numSamples]);
  return { metrics: Object.fromEntries(means), skipped };
}
