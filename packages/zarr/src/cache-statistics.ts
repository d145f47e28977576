export interface CacheStatistics {
  /** Parts of chunks that reads found in the cache. */
  readonly hits: number;
  /** Parts that had to be decoded, all or some of them; kept afterwards or not. */
  readonly misses: number;
  /** Chunks that went to make room. */
  readonly evicted: number;
  readonly chunks: number;
  /** What the chunks take now, with 256 bytes for each chunk's own place in the tables. */
  readonly bytes: number;
  /** The most that they ever took: no more than the limit. */
  readonly mostBytes: number;
  /** Uses of chunks that were announced, and have not come yet. */
  readonly expected: number;
}
