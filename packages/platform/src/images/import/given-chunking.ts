import { DataError } from "../errors.ts";
import type { Chunking } from "../volume/chunking.ts";

/**
 * The chunks and shards that were asked for along T Z Y X, each cut to the image, in place of those
 * that were chosen for it.
 *
 * @throws {@link DataError} DATA_SHAPE when shards are not whole chunks.
 */
export function givenChunking(
  chosen: Chunking,
  shape: readonly number[],
  {
    chunk,
    shard,
  }: {
    readonly chunk?: readonly number[] | null;
    readonly shard?: readonly number[] | null;
  },
): Chunking {
  if (!chunk && !shard) return chosen;
  const cut = (sizes: readonly number[]) =>
    sizes.map((size, axis) => Math.min(size, shape[axis] ?? 1));
  const [C = 1] = shape.slice(4);
  const chunkShape = chunk ? [...cut(chunk), 1] : chosen.chunkShape;
  // A shard at the edge of an image may reach beyond it: it is a whole number of chunks.
  const wanted =
    shard ??
    chosen.shardShape.slice(0, 4).map((size, axis) => {
      const edge = chunkShape[axis] ?? 1;
      return Math.max(edge, size - (size % edge));
    });
  const shardShape = [
    ...wanted.map((size, axis) => upTo(size, chunkShape[axis] ?? 1, shape[axis] ?? 1)),
    C,
  ];
  const isWhole = shardShape.every((size, axis) => size % (chunkShape[axis] ?? 1) === 0);
  if (isWhole) return { chunkShape, shardShape };
  const message = `shards of ${shardShape.slice(0, 4).join(" x ")} (T Z Y X) are no whole number of chunks of ${chunkShape.slice(0, 4).join(" x ")}`;
  throw new DataError("DATA_SHAPE", message, {
    hint: "Make --shard a multiple of --chunk along each axis.",
  });
}

/** A size, but no larger than the chunks that cover the image. */
const upTo = (size: number, chunk: number, whole: number): number =>
  Math.min(size, Math.ceil(whole / chunk) * chunk);
