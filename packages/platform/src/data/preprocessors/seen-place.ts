import { scope } from "@cell-observatory/engine";
import type { PreprocessorConfig } from "../../config/index.ts";
import type { Batch, SampleTargets } from "../batch.ts";
import type { ZYX } from "../structures/boxes.ts";
import { alongZYX } from "../transforms/views.ts";
import { type PreprocessorParts, preparer } from "./prepare.ts";

type Axis = 0 | 1 | 2;
const axes = [0, 1, 2] as const;

/** Where the voxels of a sample went. */
export interface SeenPlace {
  /** For each axis of what the model sees, the axis as read that lies along it, 0 to 2 for Z Y X. */
  readonly from: readonly [Axis, Axis, Axis];
  /** Voxels as read that one of what the model sees covers, along the axes of what it sees. */
  readonly scale: ZYX;
  /** Where a voxel as read lies in what is seen; null along axes where it was cropped away, or is padding. */
  at(voxel: ZYX): readonly [z: number | null, y: number | null, x: number | null];
}

/**
 * Follows voxels through the transforms of a run, whatever they draw: planes of the sample, a voxel
 * thick, go with it as boxes do.
 */
export function seenPlaces(
  config: PreprocessorConfig,
  parts: PreprocessorParts,
): (batch: Batch, row: number) => SeenPlace {
  const prepare = preparer(config, parts, { clean: false });
  return (batch, row) => {
    const [, T, Z, Y, X] = batch.shape;
    const planes = planesOf(T, [Z, Y, X]);
    const marked = { ...batch, targets: batch.samples.map(() => planes), labelMap: null };
    return scope(() => {
      const { image, objects } = prepare(marked);
      const { Z, Y, X } = image.sizes("B T Z Y X C");
      return placeOf(foundIn(objects?.[row] ?? planes), [Z, Y, X]);
    });
  };
}

/** The id of a plane across an axis: ids ascend, and say which plane it is. */
const idOf = (axis: number, index: number) => axis * 2 ** 24 + index + 1;

/** The planes of a sample, across each of its axes. */
function planesOf(T: number, size: ZYX): SampleTargets {
  const planes = size.flatMap((count, axis) =>
    Array.from({ length: count }, (_, index) => ({ axis, index })),
  );
  const corners = planes.flatMap(({ axis, index }) => [
    ...size.map((_, a) => (a === axis ? index : 0)),
    ...size.map((count, a) => (a === axis ? index + 1 : count)),
  ]);
  return {
    ids: Int32Array.from(planes, ({ axis, index }) => idOf(axis, index)),
    labels: new Int32Array(planes.length),
    boxes: Float32Array.from(Array.from({ length: T }, () => corners).flat()),
    isPresent: new Uint8Array(T * planes.length).fill(1),
    boxFormat: "zyxzyx",
    isNormalized: false,
  };
}

type Box = readonly number[];

/** The boxes of a frame, by their ids. */
function foundIn({ ids, boxes }: SampleTargets): ReadonlyMap<number, Box> {
  return new Map(Array.from(ids, (id, n) => [id, [...boxes.subarray(6 * n, 6 * n + 6)]]));
}

function placeOf(planes: ReadonlyMap<number, Box>, size: ZYX): SeenPlace {
  const thickness = (box: Box, axis: number) => (box[axis + 3] ?? 0) - (box[axis] ?? 0);
  const across = (axis: number) =>
    [...planes].flatMap(([id, box]) => (Math.floor(id / 2 ** 24) === axis ? [box] : []));
  // Along its own axis a plane is thin; where an axis has one voxel, it stays where it was.
  const to = alongZYX((axis) => {
    const [box] = across(axis);
    const part = (a: number) => (box ? thickness(box, a) / (size[a] ?? 1) : 1);
    return axes.reduce<Axis>((best, a) => (part(a) < part(best) ? a : best), axis);
  });
  const source = (a: Axis): Axis => axes.find((axis) => to[axis] === a) ?? a;
  const from = [source(0), source(1), source(2)] as const;
  // The border may cut a plane in two: the thickest are whole.
  const thickest = alongZYX((a) => {
    return Math.max(0, ...across(from[a]).map((box) => thickness(box, a))) || 1;
  });
  return {
    from,
    scale: alongZYX((a) => Math.round(1e4 / thickest[a]) / 1e4), // corners are float32's
    at: (voxel) => {
      const along = (a: Axis) => {
        const box = planes.get(idOf(from[a], voxel[from[a]]));
        return box ? Math.floor(((box[a] ?? 0) + (box[a + 3] ?? 0)) / 2) : null;
      };
      return [along(0), along(1), along(2)];
    },
  };
}
