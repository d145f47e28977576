import type { Clock, Scalars } from "../telemetry/index.ts";
import { type BatchSnapshot, batchSnapshot } from "./batch-snapshot.ts";
import { countedIds, type SampleBatch } from "./batch-source.ts";
import { nextBatch } from "./next-batch.ts";
import { scaleGradients } from "./optimizers/scale-gradients.ts";
import { addReport, noData, type StepData } from "./step-data.ts";
import { type ForwardParts, forwardBackward, type LossReport } from "./train-step.ts";

export interface AccumulateOptions {
  readonly numBatches: number;
  readonly clock: Clock;
  /** Aborted to stop while the first batch is waited for; once begun, a step is finished. */
  readonly signal: AbortSignal;
}

/** What the batches of one optimizer step gave; their gradients are in the parameters. */
export interface AccumulatedStep extends LossReport {
  readonly sampleIds: readonly string[];
  readonly skipped: SampleBatch["report"]["skipped"];
  readonly data: StepData;
  /** The first batch whose loss is not finite, or else the last; until the next is asked for. */
  suspect(): BatchSnapshot;
}

/**
 * Takes the batches of one optimizer step forward and backward, so that the parameters' gradients
 * are those of the mean loss of all their samples.
 *
 * @returns null when asked to stop before the first batch came.
 */
export async function accumulate<Batch extends SampleBatch, Ready>(
  parts: ForwardParts<Batch, Ready>,
  batches: AsyncIterator<Batch>,
  { numBatches, clock, signal }: AccumulateOptions,
): Promise<AccumulatedStep | null> {
  const reports: WeighedReport[] = [];
  const sampleIds: string[] = [];
  const skipped: SampleBatch["report"]["skipped"][number][] = [];
  const data = noData();
  let fullStep = 0;
  let suspect: AccumulatedStep["suspect"] = () => {
    throw new Error("a step without batches");
  };
  let areFinite = true;
  for (let i = 0; i < numBatches; i++) {
    const began = clock.now();
    const batch = await nextBatch(batches, i === 0 ? signal : null);
    if (batch === null) return null;
    data.waitMs += clock.now() - began;
    const ids = countedIds(batch);
    const size = ids.length;
    if (i === 0) fullStep = Math.max(1, size * numBatches); // a rank may have filling alone
    sampleIds.push(...ids);
    skipped.push(...batch.report.skipped);
    addReport(data, batch.report);
    const report = forwardBackward(parts, batch, size / fullStep);
    reports.push({ ...report, size });
    if (!areFinite) continue;
    areFinite = Number.isFinite(report.loss);
    const snapshot = areFinite ? null : batchSnapshot(parts, batch); // the next one overwrites it
    suspect = () => snapshot ?? batchSnapshot(parts, batch);
  }
  // An epoch's last batch may be incomplete: its samples weigh as much as the others.
  const share = sampleIds.length / fullStep;
  if (share !== 1 && share > 0) scaleGradients(parts.model.parameters(), 1 / share);
  return { ...meanOf(reports), sampleIds, skipped, data, suspect };
}

interface WeighedReport extends LossReport {
  /** Samples in the micro-batch. */
  readonly size: number;
}

/** Means over the samples of all micro-batches. */
function meanOf(reports: readonly WeighedReport[]): LossReport {
  const sizes = reports.reduce((sum, { size }) => sum + size, 0);
  const numSamples = Math.max(1, sizes);
  const mean = (value: (report: LossReport) => number) =>
    reports.reduce((sum, report) => sum + value(report) * report.size, 0) / numSamples;
  const names = Object.keys(reports[0]?.parts ?? {});
  const parts: Scalars = Object.fromEntries(
    names.map((name) => [name, mean((report) => report.parts[name] ?? Number.NaN)]),
  );
  return { loss: mean(({ loss }) => loss), parts };
}
