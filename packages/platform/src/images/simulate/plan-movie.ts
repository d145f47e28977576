import { availableParallelism } from "node:os";
import { DataError } from "../errors.ts";
import { type Chunking, chooseChunking } from "../volume/chunking.ts";
import type { Block } from "./block-planes.ts";
import type { MovieConfig } from "./movie-config.ts";

export const labelBytes = Uint32Array.BYTES_PER_ELEMENT;
export const voxelBytes = Uint16Array.BYTES_PER_ELEMENT;

/** How a movie is cut, and how many of its blocks are rendered at once. */
export interface MoviePlan {
  readonly chunking: Chunking;
  readonly numThreads: number;
}

/**
 * Blocks are shards: each is written once, whole. One more than there are threads is under way.
 *
 * @throws {@link DataError} DATA_SIMULATION when not even chunks fit into memory.
 */
export function planMovie(
  config: MovieConfig,
  {
    numThreads = availableParallelism(),
    memoryBytes = 512 * 2 ** 20,
  }: { readonly numThreads?: number; readonly memoryBytes?: number },
): MoviePlan {
  // What a thread works with, besides: about three times the block's own planes.
  const itemBytes = voxelBytes + labelBytes;
  const shardBytes = Math.floor(memoryBytes / (numThreads + 1));
  const chunking = chooseChunking(config.shape, { itemBytes, shardBytes });
  const smallest = chunking.chunkShape.reduce((product, size) => product * size, itemBytes);
  if (smallest > shardBytes) {
    const need = `${(smallest * (numThreads + 1)) / 2 ** 20} MiB for ${numThreads} threads`;
    throw new DataError(
      "DATA_SIMULATION",
      `blocks need ${need}; ${memoryBytes / 2 ** 20} are allowed`,
    );
  }
  return { chunking, numThreads };
}

/** The blocks of a frame. */
export function* blocksOf(
  { shape }: MovieConfig,
  { shardShape }: Chunking,
  t: number,
): Generator<Block> {
  const [, Z, Y, X] = shape;
  const [, depth = 1, height = 1, width = 1] = shardShape;
  for (let zStart = 0; zStart < Z; zStart += depth) {
    for (let yStart = 0; yStart < Y; yStart += height) {
      for (let xStart = 0; xStart < X; xStart += width) {
        yield {
          t,
          zStart,
          yStart,
          xStart,
          depth: Math.min(depth, Z - zStart),
          height: Math.min(height, Y - yStart),
          width: Math.min(width, X - xStart),
        };
      }
    }
  }
}
