/**
 * What becomes of an epoch's incomplete last batch: it is left out; it is filled with rows that no
 * loss counts, so that all batches, and all ranks, have one shape; or it is smaller.
 */
export type LastBatch = "drop" | "pad" | "keep";

/** The samples of one batch, by their places in the epoch. */
export interface BatchPlan {
  readonly epoch: number;
  readonly number: number;
  /** One for each row; rows that only fill the batch have the first one's. */
  readonly places: readonly number[];
  /** Rows that hold a sample of the epoch. */
  readonly numValid: number;
}

export interface PlanOptions {
  /** Rows on this rank. */
  readonly batchSize: number;
  readonly numSamples: number;
  readonly lastBatch: LastBatch;
  readonly rank: number;
  readonly worldSize: number;
}

/** Each rank takes every so-many-th sample, so that ranks together read what one would. */
export function planBatch(
  number: number,
  { batchSize, numSamples, lastBatch, rank, worldSize }: PlanOptions,
): Pick<BatchPlan, "places" | "numValid"> {
  const first = number * batchSize * worldSize;
  const places: number[] = [];
  for (let row = 0; row < batchSize; row++) {
    const place = first + row * worldSize + rank;
    if (place < numSamples) places.push(place);
  }
  const numValid = places.length;
  if (lastBatch !== "pad") return { places, numValid };
  // A rank without a sample of its own repeats the batch's first, so that it has something to read.
  const filling = places[0] ?? first;
  while (places.length < batchSize) places.push(filling);
  return { places, numValid };
}
