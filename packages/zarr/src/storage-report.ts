/** What a read met. */
export interface ReadReport {
  /** Chunks that it touched. */
  readonly chunks: number;
  /** Those of them that are not there. */
  readonly missingChunks: number;
  /** How often storage was asked again, after it had failed for a moment. */
  readonly retries: number;
}

export interface StorageReport extends ReadReport {
  /** Chunks of which all that was wanted was in the cache. */
  readonly cachedChunks: number;
  /** Bytes of chunks that were read from storage, as they are stored. */
  readonly storedBytes: number;
  /**
   * How long threads asked storage (to open, look, read, and wait before they asked again), in
   * milliseconds; a sum over threads, so it may be more than the read took.
   */
  readonly storageMs: number;
  /** How long threads decoded, and copied to the target: the same kind of sum. */
  readonly decodeMs: number;
}
