import type { BoxFormat, SampleTargets } from "../batch.ts";
import type { Origin } from "../sample.ts";

export interface TargetOptions {
  readonly boxFormat: BoxFormat;
  /** True: boxes are parts of the sample's valid sizes. */
  readonly isNormalized: boolean;
  readonly validSize: Origin;
  readonly classOf: (id: number) => number;
}

/** First and behind-last voxel of an instance in a frame, along z y x. */
type Extent = [z0: number, y0: number, x0: number, z1: number, y1: number, x1: number];

/** Finds the instances of a label map, [T Z Y X], and their boxes in each frame. */
export function findTargets(
  labels: Int32Array,
  [T, Z, Y, X]: Origin,
  { boxFormat, isNormalized, validSize, classOf }: TargetOptions,
): SampleTargets {
  const frames = Array.from({ length: T }, (_, t) => {
    const frame = labels.subarray(t * Z * Y * X, (t + 1) * Z * Y * X);
    return extentsOf(frame, [Z, Y, X]);
  });
  const ids = Int32Array.from(new Set(frames.flatMap((extents) => [...extents.keys()]))).sort();
  const boxes = new Float32Array(T * ids.length * 6);
  const isPresent = new Uint8Array(T * ids.length);
  const edges = isNormalized ? validSize : ([1, 1, 1, 1] as const);
  frames.forEach((extents, t) => {
    ids.forEach((id, n) => {
      const extent = extents.get(id);
      if (!extent) return;
      const at = t * ids.length + n;
      isPresent[at] = 1;
      boxes.set(boxIn(boxFormat, extent, edges), at * 6);
    });
  });
  return { ids, labels: ids.map(classOf), boxes, isPresent, boxFormat, isNormalized };
}

function extentsOf(
  frame: Int32Array,
  [Z, Y, X]: readonly [z: number, y: number, x: number],
): ReadonlyMap<number, Extent> {
  const extents = new Map<number, Extent>();
  for (let z = 0; z < Z; z++) {
    for (let y = 0; y < Y; y++) {
      const row = (z * Y + y) * X;
      // Whole runs of a label at once: most voxels are like the one before.
      for (let x = 0; x < X; ) {
        const id = frame[row + x] ?? 0;
        const from = x;
        while (x < X && frame[row + x] === id) x += 1;
        if (id > 0) grow(extents, id, [z, y, from, z + 1, y + 1, x]);
      }
    }
  }
  return extents;
}

function grow(extents: Map<number, Extent>, id: number, run: Extent): void {
  const known = extents.get(id);
  if (!known) {
    extents.set(id, run);
    return;
  }
  for (let axis = 0; axis < 3; axis++) {
    known[axis] = Math.min(known[axis] ?? 0, run[axis] ?? 0);
    known[axis + 3] = Math.max(known[axis + 3] ?? 0, run[axis + 3] ?? 0);
  }
}

function boxIn(format: BoxFormat, extent: Extent, [, Z, Y, X]: Origin): readonly number[] {
  const [z0, y0, x0, z1, y1, x1] = [
    extent[0] / Z,
    extent[1] / Y,
    extent[2] / X,
    extent[3] / Z,
    extent[4] / Y,
    extent[5] / X,
  ];
  switch (format) {
    case "zyxzyx":
      return [z0, y0, x0, z1, y1, x1];
    case "xyzxyz":
      return [x0, y0, z0, x1, y1, z1];
    case "cxcyczwhd":
      return [(x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2, x1 - x0, y1 - y0, z1 - z0];
    default:
      return format satisfies never;
  }
}
