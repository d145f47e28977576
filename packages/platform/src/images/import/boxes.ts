import { imageAxes } from "../axes.ts";
import type { Box } from "./image-source.ts";

export interface BoxLimits {
  /** Sizes along T Z Y X C that are written at once; a box is a whole number of them. */
  readonly shardShape: readonly number[];
  readonly itemBytes: number;
  /** A box has at most so many bytes, or is one shard, or as large as `wholeAxes` wants. */
  readonly boxBytes: number;
  /** Axes that stand together in the file, the fastest first. */
  readonly fastestFirst: string;
  readonly wholeAxes: string;
}

/**
 * Cuts an image [T Z Y X C] into boxes that are whole shards, so that no file is written twice, and
 * that reach as far as memory allows along the axes that are fastest in the file that is read.
 */
export function planBoxes(shape: readonly number[], limits: BoxLimits): readonly Box[] {
  const edges = boxEdges(shape, limits);
  const starts = edges.map((edge, axis) =>
    Array.from({ length: Math.ceil((shape[axis] ?? 1) / edge) }, (_, i) => i * edge),
  );
  const [ts = [], zs = [], ys = [], xs = []] = starts;
  const sizeAt = (axis: number, start: number) =>
    Math.min(edges[axis] ?? 1, (shape[axis] ?? 1) - start);
  return ts.flatMap((t) =>
    zs.flatMap((z) =>
      ys.flatMap((y) =>
        xs.map((x) => ({
          origin: [t, z, y, x] as const,
          shape: [sizeAt(0, t), sizeAt(1, z), sizeAt(2, y), sizeAt(3, x)] as const,
        })),
      ),
    ),
  );
}

function boxEdges(shape: readonly number[], limits: BoxLimits): number[] {
  const { shardShape, itemBytes, boxBytes, fastestFirst, wholeAxes } = limits;
  const size = (axis: number) => shape[axis] ?? 1;
  const edges = [0, 1, 2, 3].map((axis) =>
    wholeAxes.includes(imageAxes[axis] ?? "")
      ? size(axis)
      : Math.min(shardShape[axis] ?? 1, size(axis)),
  );
  const bytes = () => edges.reduce((product, edge) => product * edge, itemBytes * size(4));
  for (const name of fastestFirst) {
    const axis = imageAxes.indexOf(name);
    const shard = Math.min(shardShape[axis] ?? 1, size(axis));
    const room = Math.floor((boxBytes / bytes()) * (edges[axis] ?? 1));
    if (room >= size(axis)) {
      edges[axis] = size(axis);
      continue;
    }
    edges[axis] = Math.max(edges[axis] ?? 1, room - (room % shard));
    break; // what is slower in the file lies further apart
  }
  return edges;
}
