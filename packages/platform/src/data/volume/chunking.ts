/** How an image [T Z Y X C] is cut on disk: chunks are read one by one, shards are files. */
export interface Chunking {
  readonly chunkShape: readonly number[];
  readonly shardShape: readonly number[];
}

/** Small enough that a crop of 64 voxels touches few, large enough to compress and read well. */
const chunkEdges = [1, 16, 64, 64] as const;
const shardEdges = [1, 64, 256, 256] as const;

/**
 * Chunks and shards for an image [T Z Y X C]. A shard is written at once, from memory: it has at
 * most `shardBytes`, or else it is one chunk.
 */
export function chooseChunking(
  shape: readonly number[],
  { itemBytes, shardBytes }: { readonly itemBytes: number; readonly shardBytes: number },
): Chunking {
  const numChannels = shape[4] ?? 1;
  const chunkShape = chunkEdges.map((edge, axis) => Math.min(edge, shape[axis] ?? 1));
  const counts = chunkShape.map((edge, axis) => {
    const whole = Math.ceil((shape[axis] ?? 1) / edge);
    return Math.min(whole, Math.max(1, Math.floor((shardEdges[axis] ?? 1) / edge)));
  });
  const bytes = () =>
    counts.reduce((product, count, axis) => product * count * (chunkShape[axis] ?? 1), 1) *
    numChannels *
    itemBytes;
  while (bytes() > shardBytes && counts.some((count) => count > 1)) {
    const widest = counts.indexOf(Math.max(...counts));
    counts[widest] = Math.ceil((counts[widest] ?? 1) / 2);
  }
  return {
    chunkShape: [...chunkShape, numChannels],
    shardShape: [...counts.map((count, axis) => count * (chunkShape[axis] ?? 1)), numChannels],
  };
}
