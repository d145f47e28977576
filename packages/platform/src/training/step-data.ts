/** What it took to get the batches of a step: sums over them, times in milliseconds. */
export interface StepData {
  /** How long the step waited. */
  waitMs: number;
  /** From a batch's first read to its last, which goes on while other steps run. */
  readMs: number;
  /** Asking storage, and decoding: sums over the threads that do it side by side. */
  storageMs: number;
  decodeMs: number;
  collateMs: number;
  /** Bringing batches to the device. */
  copyMs: number;
  chunks: number;
  /** Chunks that were decoded already, for another sample. */
  cachedChunks: number;
  /** Chunks of images, and of labels, that are not on disk. */
  missingChunks: number;
  missingLabelChunks: number;
  unreadChunks: number;
  retries: number;
}

export function noData(): StepData {
  return {
    waitMs: 0,
    readMs: 0,
    storageMs: 0,
    decodeMs: 0,
    collateMs: 0,
    copyMs: 0,
    chunks: 0,
    cachedChunks: 0,
    missingChunks: 0,
    missingLabelChunks: 0,
    unreadChunks: 0,
    retries: 0,
  };
}

/** Adds what a batch took; `waitMs` is the step's own measure. */
export function addReport(sum: StepData, report: Partial<Omit<StepData, "waitMs">>): void {
  for (const name of Object.keys(sum) as (keyof StepData)[]) {
    if (name !== "waitMs") sum[name] += report[name] ?? 0;
  }
}
