import { DataError } from "../../images/index.ts";
import type { Batch } from "../batch.ts";

/** Too few samples to judge a share of them by. */
const atLeast = 100;

/** What went through a loader since it was made. `tried = delivered + skipped`. */
export class LoaderStatistics {
  readonly #maxSkipped: number;
  readonly #totals = {
    batches: 0,
    delivered: 0,
    skipped: 0,
    /** Of the delivered samples, those of which a part could not be read. */
    inPart: 0,
    chunks: 0,
    cachedChunks: 0,
    missingChunks: 0,
    missingLabelChunks: 0,
    samplesWithMissing: 0,
    unreadChunks: 0,
    retries: 0,
    readMs: 0,
    storageMs: 0,
    decodeMs: 0,
    collateMs: 0,
    copyMs: 0,
    waitMs: 0,
  };

  /** The totals when {@link takeNotes} was last asked. */
  #before = { ...this.#totals };
  /** Why the first sample since then could not be read. */
  #reason: string | null = null;

  /** @param maxSkipped - part of the samples tried that may be skipped, or be there in part only. */
  constructor(maxSkipped: number) {
    this.#maxSkipped = maxSkipped;
  }

  get totals() {
    const { delivered, skipped } = this.#totals;
    return { tried: delivered + skipped, ...this.#totals };
  }

  /** @throws {@link DataError} DATA_SKIPPED once too large a part of the samples was not read. */
  add({ report, rowIsValid, unread }: Pick<Batch, "report" | "rowIsValid" | "unread">): void {
    const { skipped, ...counts } = report;
    const totals = this.#totals;
    totals.batches += 1;
    totals.delivered += rowIsValid.filter((isValid) => isValid).length;
    totals.skipped += skipped.length;
    this.#reason ??= skipped[0]?.reason ?? null;
    totals.inPart += unread.filter((boxes, row) => rowIsValid[row] && boxes.length > 0).length;
    for (const name of Object.keys(counts) as (keyof typeof counts)[]) totals[name] += counts[name];
    this.#judge(skipped.at(-1)?.reason);
  }

  /** What was not as drawn since this was asked last, in a sentence each. */
  takeNotes(when: string): readonly string[] {
    const [now, before, reason] = [this.#totals, this.#before, this.#reason];
    [this.#before, this.#reason] = [{ ...now }, null];
    const since = (name: keyof typeof now) => now[name] - before[name];
    const [delivered, skipped, inPart] = [since("delivered"), since("skipped"), since("inPart")];
    const notes: string[] = [];
    if (skipped > 0) {
      const count = shareOf(skipped, delivered + skipped);
      notes.push(`${when}: ${count} could not be read, and were skipped; the first: ${reason}`);
    }
    if (inPart > 0) {
      const count = shareOf(inPart, delivered);
      notes.push(
        `${when}: ${count} could be read in part only; the rest of them counts for nothing`,
      );
    }
    const lacking = since("samplesWithMissing");
    if (lacking > 0) {
      const [image, labels] = [since("missingChunks"), since("missingLabelChunks")];
      const parts = [
        ...(image > 0 ? [`${image} of images, taken as their fill value`] : []),
        ...(labels > 0 ? [`${labels} of labels, taken as background`] : []),
      ];
      notes.push(
        `${when}: ${shareOf(lacking, delivered)} lack chunks on disk: ${parts.join("; ")}`,
      );
    }
    return notes;
  }

  #judge(reason: string | undefined): void {
    const { delivered, skipped, inPart } = this.#totals;
    const tried = Math.max(atLeast, delivered + skipped);
    if (skipped + inPart <= this.#maxSkipped * tried) return;
    const share = `${skipped + inPart} of ${delivered + skipped} samples could not be read`;
    const parts = inPart > 0 ? `, ${inPart} of them in part` : "";
    const last = reason === undefined ? "" : `; the last: ${reason}`;
    const message = `${share}${parts}; at most a part of ${this.#maxSkipped} may be skipped${last}`;
    throw new DataError("DATA_SKIPPED", message);
  }
}

function shareOf(count: number, all: number): string {
  const percent = (100 * count) / Math.max(1, all);
  return `${count} of ${all} samples (${percent < 0.05 ? "below 0.1" : percent.toFixed(1)} %)`;
}
