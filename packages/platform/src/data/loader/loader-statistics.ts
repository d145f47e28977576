import type { BatchReport } from "../batch.ts";
import { DataError } from "../errors.ts";

/** Too few samples to judge a share of them by. */
const atLeast = 100;

/** What went through a loader since it was made. `tried = delivered + skipped`. */
export class LoaderStatistics {
  readonly #maxSkipped: number;
  #delivered = 0;
  #skipped = 0;
  #chunks = 0;
  #missingChunks = 0;
  #retries = 0;
  #readMs = 0;
  #waitMs = 0;

  /** @param maxSkipped - part of the samples tried that may be skipped. */
  constructor(maxSkipped: number) {
    this.#maxSkipped = maxSkipped;
  }

  get totals() {
    return {
      tried: this.#delivered + this.#skipped,
      delivered: this.#delivered,
      skipped: this.#skipped,
      chunks: this.#chunks,
      missingChunks: this.#missingChunks,
      retries: this.#retries,
      readMs: this.#readMs,
      waitMs: this.#waitMs,
    };
  }

  /** @throws {@link DataError} DATA_SKIPPED once too large a part of the samples was skipped. */
  add(report: BatchReport, numSamples: number): void {
    this.#delivered += numSamples;
    this.#skipped += report.skipped.length;
    this.#chunks += report.chunks;
    this.#missingChunks += report.missingChunks;
    this.#retries += report.retries;
    this.#readMs += report.readMs;
    this.#waitMs += report.waitMs;
    const tried = Math.max(atLeast, this.#delivered + this.#skipped);
    if (this.#skipped > this.#maxSkipped * tried) {
      const last = report.skipped.at(-1);
      const share = `${this.#skipped} of ${this.#delivered + this.#skipped} samples could not be read`;
      const message = `${share}; at most a part of ${this.#maxSkipped} may be skipped; the last: ${last?.reason}`;
      throw new DataError("DATA_SKIPPED", message);
    }
  }
}
