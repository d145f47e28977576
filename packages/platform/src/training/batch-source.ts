import type { StepData } from "./step-data.ts";

/** What every batch says of itself, whatever it holds. */
export interface SampleBatch {
  /** The batch's samples, as the catalogue names them. */
  readonly sampleIds: readonly string[];
  /** False: the row only fills the batch, and counts for nothing; all rows count where it is not given. */
  readonly rowIsValid?: readonly boolean[] | undefined;
  /** For reports, if the source knows: number of the batch in its epoch, and of each sample. */
  readonly number?: number | undefined;
  readonly samples?: readonly number[] | undefined;
  /** For reports, if the source knows: where each sample lies, as plain data. */
  readonly records?: readonly unknown[] | undefined;
  readonly origins?: readonly (readonly number[])[] | undefined;
  /** What did not come as drawn, and what it took; see {@link StepData}. */
  readonly report: Partial<Omit<StepData, "waitMs">> & {
    /** Chunks that are not on disk, and were taken as their fill value. */
    readonly missingChunks: number;
    /** Samples that could not be read, and were replaced by others. */
    readonly skipped: readonly { readonly sampleId: string; readonly reason: string }[];
  };
}

/**
 * Where batches come from: the same for the same (epoch, number), whoever asked before, so that a
 * run can be continued anywhere.
 */
export interface BatchSource<Batch extends SampleBatch> {
  readonly batchesPerEpoch: number;
  /**
   * The batches of an epoch, from number `from` on. A batch is valid until the next one is asked
   * for; leaving the loop gives everything back. When `signal` is aborted, what is waited for is
   * given up, and throws.
   */
  epoch(
    epoch: number,
    options: { readonly from: number; readonly signal?: AbortSignal },
  ): AsyncIterable<Batch>;
}

/** The samples of a batch that count. */
export function countedIds({ sampleIds, rowIsValid }: SampleBatch): readonly string[] {
  return rowIsValid ? sampleIds.filter((_, row) => rowIsValid[row]) : sampleIds;
}
