import type { EventRecorder } from "../telemetry/index.ts";
import type { SampleBatch } from "./batch-source.ts";
import type { StepData } from "./step-data.ts";

/** What was not as drawn in the data of a step. */
export interface OddData {
  /** The step that is done, and its epoch. */
  readonly step: number;
  readonly epoch: number;
  readonly data: Readonly<StepData>;
  readonly skipped: SampleBatch["report"]["skipped"];
}

/**
 * Records what of a step's data was missing, unreadable or read again, where anything was.
 *
 * Every sample that was drawn is trained, or is named here with the reason. The notes belong to the
 * step that is done, so that a run that goes on from before it does not have them twice.
 */
export function noteData(recorder: EventRecorder, { step, epoch, data, skipped }: OddData): void {
  for (const [name, count] of [
    ["missing_chunks", data.missingChunks],
    ["missing_label_chunks", data.missingLabelChunks],
    ["unread_chunks", data.unreadChunks],
    ["read_retries", data.retries],
  ] as const) {
    if (count > 0) recorder.putScalar(name, count, { scope: "step", reduce: "sum" });
  }
  for (const { sampleId, reason } of skipped) {
    recorder.emit({
      kind: "note",
      step,
      epoch,
      level: "warning",
      code: "DATA_SKIPPED",
      message: `sample ${sampleId} was replaced by another: ${reason}`,
    });
  }
}
