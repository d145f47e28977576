/** What a sample took. */
export interface SourceCounts {
  readonly chunks: number;
  /** Those that were decoded already, for another sample. */
  readonly cachedChunks: number;
  /** Those of the image that are not on disk. */
  readonly missingChunks: number;
  /** Those of labels that are not on disk, and are taken as background. */
  readonly missingLabelChunks: number;
  /** Tries of storage that failed for a moment. */
  readonly retries: number;
  /** Those that could not be read. */
  readonly unreadChunks: number;
  /** How long threads asked storage for it, and how long they decoded: sums over threads. */
  readonly storageMs: number;
  readonly decodeMs: number;
}

/** Where sums begin. */
export const noCounts: SourceCounts = {
  chunks: 0,
  cachedChunks: 0,
  missingChunks: 0,
  missingLabelChunks: 0,
  retries: 0,
  unreadChunks: 0,
  storageMs: 0,
  decodeMs: 0,
};

/** Adds what a read took to a sum. */
export function addCounts(
  sum: { -readonly [Name in keyof SourceCounts]: number },
  read: Partial<SourceCounts>,
): void {
  for (const name of Object.keys(noCounts) as (keyof SourceCounts)[]) sum[name] += read[name] ?? 0;
}
