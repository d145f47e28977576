/** How an image is cut on disk, along T Z Y X C: chunks are read one by one, shards are files. */
export interface Chunking {
  readonly chunkShape: readonly number[];
  readonly shardShape: readonly number[];
}

export interface ChunkingLimits {
  readonly itemBytes: number;
  /** A shard is written at once, from memory: it has at most so many bytes, or is one chunk. */
  readonly shardBytes: number;
  /** As many whole planes as a shard is deep have at most so many bytes, or it is one plane deep. */
  readonly slabBytes?: number;
}

/** Small enough that a crop of 64 voxels touches few, large enough to compress and read well. */
const chunkEdges = [1, 16, 64, 64] as const;
const shardEdges = [1, 64, 256, 256] as const;

export function chooseChunking(shape: readonly number[], limits: ChunkingLimits): Chunking {
  const { itemBytes, shardBytes, slabBytes = Number.POSITIVE_INFINITY } = limits;
  const numChannels = shape[4] ?? 1;
  const chunk = chunkEdges.map((edge, axis) => Math.min(edge, shape[axis] ?? 1));
  const planeBytes = (shape[2] ?? 1) * (shape[3] ?? 1) * numChannels * itemBytes;
  while ((chunk[1] ?? 1) > 1 && (chunk[1] ?? 1) * planeBytes > slabBytes) {
    chunk[1] = Math.ceil((chunk[1] ?? 1) / 2);
  }
  const counts = chunk.map((edge, axis) => {
    const whole = Math.ceil((shape[axis] ?? 1) / edge);
    return Math.min(whole, Math.max(1, Math.floor((shardEdges[axis] ?? 1) / edge)));
  });
  const bytes = () =>
    counts.reduce((product, count, axis) => product * count * (chunk[axis] ?? 1), 1) *
    numChannels *
    itemBytes;
  const slab = () => (counts[1] ?? 1) * (chunk[1] ?? 1) * planeBytes;
  while (slab() > slabBytes && (counts[1] ?? 1) > 1) counts[1] = Math.ceil((counts[1] ?? 1) / 2);
  while (bytes() > shardBytes && counts.some((count) => count > 1)) {
    const widest = counts.indexOf(Math.max(...counts));
    counts[widest] = Math.ceil((counts[widest] ?? 1) / 2);
  }
  return {
    chunkShape: [...chunk, 1], // so that one channel can be read by itself
    shardShape: [...counts.map((count, axis) => count * (chunk[axis] ?? 1)), numChannels],
  };
}
