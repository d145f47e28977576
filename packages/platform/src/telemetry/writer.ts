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

/** What every writer is opened with. */
export interface OpenOptions {
  /**
   * The run goes on from its save at this step: rows of later steps are dropped, so that the log
   * becomes what an uninterrupted run's would be. null: nothing is dropped.
   */
  readonly resumeAtStep: number | null;
}
