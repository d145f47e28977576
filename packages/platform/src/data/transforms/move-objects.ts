import type { SampleTargets } from "../batch.ts";

/** How voxels move along one axis of the result: it is `scale` * (axis `from` of the input) + shift. */
export interface AxisMove {
  /** 0, 1, 2 for Z, Y, X. */
  readonly from: number;
  readonly scale: number;
  readonly shift: number;
}

/** A move along Z Y X, and the sizes that it ends in. */
export interface Move {
  readonly axes: readonly [z: AxisMove, y: AxisMove, x: AxisMove];
  readonly size: readonly [z: number, y: number, x: number];
  /** Frames that are played backwards, from the first one; 0: none. */
  readonly framesReversed?: number;
}

export const stay = (from: number): AxisMove => ({ from, scale: 1, shift: 0 });

/**
 * Boxes where the voxels went: moved, clipped to the volume, and dropped where nothing is left of
 * them; an object without a box in any frame is dropped with its id and class.
 *
 * @param objects - `zyxzyx` in voxels.
 */
export function moveObjects(objects: SampleTargets, move: Move): SampleTargets {
  const { ids, boxes } = objects;
  const N = ids.length;
  const T = N === 0 ? 0 : boxes.length / (6 * N);
  const moved = new Float32Array(boxes.length);
  const isPresent = new Uint8Array(T * N);
  const reversed = move.framesReversed ?? 0;
  for (let t = 0; t < T; t++) {
    const source = t < reversed ? reversed - 1 - t : t;
    for (let n = 0; n < N; n++) {
      if (objects.isPresent[source * N + n] !== 1) continue;
      const box = movedBox(boxes.subarray((source * N + n) * 6), move);
      if (box === null) continue;
      moved.set(box, (t * N + n) * 6);
      isPresent[t * N + n] = 1;
    }
  }
  return withoutAbsent({ ...objects, boxes: moved, isPresent }, T);
}

function movedBox(box: Float32Array, { axes, size }: Move): readonly number[] | null {
  const corners = axes.map(({ from, scale, shift }, a) => {
    const ends = [box[from] ?? 0, box[from + 3] ?? 0].map((end) => scale * end + shift);
    const clipped = ends.map((end) => Math.min(Math.max(end, 0), size[a] ?? 0));
    return [Math.min(...clipped), Math.max(...clipped)] as const;
  });
  if (corners.some(([low, high]) => high <= low)) return null;
  return [...corners.map(([low]) => low), ...corners.map(([, high]) => high)];
}

function withoutAbsent(objects: SampleTargets, T: number): SampleTargets {
  const { ids, labels, boxes, isPresent } = objects;
  const N = ids.length;
  const frames = Array.from({ length: T }, (_, t) => t);
  const left = [...ids.keys()].filter((n) => frames.some((t) => isPresent[t * N + n] === 1));
  if (left.length === N) return objects;
  const perFrame = frames.flatMap((t) => left.map((n) => t * N + n));
  return {
    ...objects,
    ids: Int32Array.from(left, (n) => ids[n] ?? 0),
    labels: Int32Array.from(left, (n) => labels[n] ?? 0),
    boxes: Float32Array.from(perFrame.flatMap((at) => [...boxes.subarray(at * 6, at * 6 + 6)])),
    isPresent: Uint8Array.from(perFrame, (at) => isPresent[at] ?? 0),
  };
}
