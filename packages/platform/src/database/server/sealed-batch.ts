import type { ColumnBatch } from "../sql/column-batch.ts";

/** A batch, and the SHA-256 of its rows: what is read again is compared by it. */
export interface SealedBatch {
  readonly batch: ColumnBatch;
  readonly digest: string;
}
