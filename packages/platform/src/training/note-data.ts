import type { EventRecorder } from "../telemetry/index.ts";
import type { SampleBatch } from "./batch-source.ts";
import type { StepData } from "./step-data.ts";

/** Samples that were drawn and could not be read. */
export interface SkippedData {
  /** The step that is done, and its epoch. */
  readonly step: number;
  readonly epoch: number;
  readonly skipped: SampleBatch["report"]["skipped"];
}

/** What was not as drawn in the data of a step. */
export interface OddData extends SkippedData {
  readonly data: Readonly<StepData>;
}

/**
 * Records what of a step's data was missing, unreadable or read again, where anything was.
 *
 * Every sample that was drawn is trained, or is named here with the reason. The notes belong to the
 * step that is done, so that a run that goes on from before it does not have them twice.
 */
export function noteData(recorder: EventRecorder, { data, ...skipped }: OddData): void {
  for (const [name, count] of [
    ["missing_chunks", data.missingChunks],
    ["missing_label_chunks", data.missingLabelChunks],
    ["unread_chunks", data.unreadChunks],
    ["read_retries", data.retries],
  ] as const) {
    if (count > 0) recorder.putScalar(name, count, { scope: "step", reduce: "sum" });
  }
  noteSkipped(recorder, skipped, "was replaced by another");
}

/** Names samples that were skipped, with what became of them and why. */
export function noteSkipped(
  recorder: EventRecorder,
  { step, epoch, skipped }: SkippedData,
  fate: string,
): void {
  for (const { sampleId, reason } of skipped) {
    const message = `sample ${sampleId} ${fate}: ${reason}`;
    recorder.emit({ kind: "note", step, epoch, level: "warning", code: "DATA_SKIPPED", message });
  }
}
