import type { ZarrArray } from "@cell-observatory/zarr";
import { combinations } from "../combinations.ts";
import type { Region } from "./findings.ts";

/** What is read at once: a shard, or a chunk; along the array's own axes. */
export interface Unit {
  readonly origin: readonly number[];
  readonly shape: readonly number[];
}

/** Units of the same frames: the planes of a slab are complete, and told of together. */
export interface Slab {
  readonly number: number;
  readonly units: readonly Unit[];
}

const mostBytes = 64 * 2 ** 20;

/** Bytes of an element, by the bits in the name of its type. */
const itemBytes = (dtype: string): number => Number(/\d+$/.exec(dtype)?.[0] ?? 8) / 8;

/** Every unit of an array, slab by slab; `axes` names its axes. */
export function* slabsOf(array: ZarrArray, axes: string): Generator<Slab, void, undefined> {
  const { shape, chunkShape, shardShape, dtype } = array;
  const bytes = shardShape?.reduce((a, b) => a * b, itemBytes(dtype)) ?? 0;
  const edges = shardShape && bytes <= mostBytes ? shardShape : chunkShape;
  const time = axes.indexOf("T");
  const counts = shape.map((size, axis) => Math.ceil(size / (edges[axis] ?? 1)));
  const numSlabs = time < 0 ? 1 : (counts[time] ?? 1);
  for (let number = 0; number < numSlabs; number++) {
    const ranges = counts.map((count, axis) =>
      axis === time ? [number] : Array.from({ length: count }, (_, i) => i),
    );
    const units = Array.from(combinations(ranges), (index) => unitAt(index, edges, shape));
    yield { number, units };
  }
}

/** The chunks that a unit holds, cut to the array. */
export function chunksOf({ origin, shape }: Unit, array: ZarrArray): readonly Unit[] {
  const { chunkShape } = array;
  const ranges = origin.map((start, axis) => {
    const edge = chunkShape[axis] ?? 1;
    const first = Math.floor(start / edge);
    const last = Math.ceil((start + (shape[axis] ?? 1)) / edge);
    return Array.from({ length: last - first }, (_, i) => first + i);
  });
  return Array.from(combinations(ranges), (index) => unitAt(index, chunkShape, array.shape));
}

function unitAt(
  index: readonly number[],
  edges: readonly number[],
  whole: readonly number[],
): Unit {
  const origin = index.map((i, axis) => i * (edges[axis] ?? 1));
  const shape = origin.map((start, axis) => Math.min(edges[axis] ?? 1, (whole[axis] ?? 1) - start));
  return { origin, shape };
}

/** Where a unit lies along T Z Y X. */
export function regionOf({ origin, shape }: Unit, axes: string): Region {
  const along = (axis: string): [start: number, size: number] => {
    const at = axes.indexOf(axis);
    return at < 0 ? [0, 1] : [origin[at] ?? 0, shape[at] ?? 1];
  };
  const [t, z, y, x] = [along("T"), along("Z"), along("Y"), along("X")];
  return { origin: [t[0], z[0], y[0], x[0]], shape: [t[1], z[1], y[1], x[1]] };
}
