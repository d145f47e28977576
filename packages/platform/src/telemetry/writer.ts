import type { Event } from "./event.ts";

/**
 * Someone who writes events down: JSON lines, CSV, a tracking service. Every one passes
 * `writer.suite.ts`.
 */
export interface EventWriter {
  /** On return the event is with the system: it survives the process, whatever ends it. */
  write(event: Event): void;
  /** On return all events survive a power cut. */
  sync(): void;
  close(): void;
}

/** Where a run goes on: the optimizer steps that are done, and the epoch that is not over. */
export interface LogPosition {
  readonly step: number;
  readonly epoch: number;
}

/** What every writer is opened with. */
export interface OpenOptions {
  /**
   * The run goes on from a save: rows of later steps, and of epochs that were not over when it was
   * written, are dropped, so that the log becomes what an uninterrupted run's would be. null: nothing
   * is dropped.
   */
  readonly resumeAt: LogPosition | null;
  /** Told, in a sentence, of what a power cut took from the log. */
  readonly note?: ((text: string) => void) | undefined;
}

/** Whether an event belongs to what is done again when a run goes on from `at`. */
export function comesAfter(
  { kind, step, epoch }: Pick<Event, "kind" | "step" | "epoch">,
  at: LogPosition,
): boolean {
  return step > at.step || (kind === "epoch" && epoch >= at.epoch);
}
