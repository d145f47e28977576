import type { LastBatch } from "./batch-plan.ts";
import type { CopyLane } from "./device-buffer.ts";
import type { FinetuneCollatorConfig } from "./finetune-collator-actor.ts";
import type { ReadFailurePolicy } from "./loader-actor.ts";

export interface DataloaderConfig {
  /** Samples in a batch, on this rank. */
  readonly batchSize: number;
  /** An epoch's incomplete last batch: left out, filled with rows that do not count, or smaller. */
  readonly lastBatch: LastBatch;
  readonly num_slots: number;
  readonly read_ahead: number;
  /** What copies batches to the device; not given: they stay on the CPU. */
  readonly copyTo?: CopyLane | null;
  /** Batches on the device at once: one in the hands of the step, the others on their way. */
  readonly device_slots?: number;
  readonly timeout_s: number;
  /** How long a loop that is left waits for reads that were cancelled, in seconds. */
  readonly leave_s?: number;
  /** Threads that decode chunks, of the whole process; null: one a core. */
  readonly num_threads?: number | null;
  readonly read_failure_policy: ReadFailurePolicy;
  /** Part of the samples that may be skipped, or be there in part only, before it is an error. */
  readonly max_skipped: number;
  /** How boxes are written, when the source has labels. */
  readonly targets?: FinetuneCollatorConfig;
  /** Where is told, when a loop over an epoch ends, how many samples were not there, or in part only. */
  readonly say?: (line: string) => void;
  /** Called when the first batch was read: now the threads that decode are there. */
  readonly onFirstBatch?: () => Promise<void>;
  readonly rank?: number;
  readonly worldSize?: number;
}
