import type { PictureBox, Volume } from "../../picture/index.ts";
import { labelBoxes } from "../scan/label-boxes.ts";

/** Voxels of a block, by frame and channel; in whatever order they stand. */
export interface ShownBlock {
  readonly shape: readonly [t: number, z: number, y: number, x: number, c: number];
  /** [Z Y X] of one frame and channel. */
  volume(t: number, c: number): Volume;
  /** Ids of instances of one frame; null: there are none. */
  labels(t: number): Volume | null;
}

/** A block whose voxels are [T Z Y X C], or [T C Z Y X]. */
export function blockOf(
  voxels: ArrayLike<number>,
  shape: ShownBlock["shape"],
  {
    order,
    labels = null,
  }: {
    readonly order: "TZYXC" | "TCZYX";
    /** [T Z Y X] */
    readonly labels?: ArrayLike<number> | null;
  },
): ShownBlock {
  const [, Z, Y, X, C] = shape;
  const perFrame = Z * Y * X;
  const place = (t: number, c: number, i: number) =>
    order === "TZYXC" ? (t * perFrame + i) * C + c : (t * C + c) * perFrame + i;
  return {
    shape,
    volume: (t, c) => ({
      voxels: Float32Array.from({ length: perFrame }, (_, i) => voxels[place(t, c, i)] ?? 0),
      shape: [Z, Y, X],
    }),
    labels: (t) =>
      labels && {
        voxels: Float64Array.from({ length: perFrame }, (_, i) => labels[t * perFrame + i] ?? 0),
        shape: [Z, Y, X],
      },
  };
}

/** The boxes of the instances of one frame. */
export function boxesOf({ voxels, shape }: Volume): readonly PictureBox[] {
  const [Z, Y, X] = shape;
  const boxes = labelBoxes({
    labels: Float64Array.from(voxels),
    shape: [1, Z, Y, X],
    from: [0, 0, 0, 0],
    size: [1, Z, Y, X],
  });
  return [...boxes]
    .filter(([id]) => id > 0)
    .map(([id, [z0, y0, x0, z1, y1, x1]]) => ({ id, from: [z0, y0, x0], to: [z1, y1, x1] }));
}

/** A voxel near the middle whose planes have many labelled voxels; without labels, the middle. */
export function centreOf(
  shape: ShownBlock["shape"],
  labels: Volume | null,
): readonly [z: number, y: number, x: number] {
  const [, Z, Y, X] = shape;
  if (labels === null) return [Z >> 1, Y >> 1, X >> 1];
  const counts = [new Float64Array(Z), new Float64Array(Y), new Float64Array(X)] as const;
  let i = 0;
  for (let z = 0; z < Z; z++) {
    for (let y = 0; y < Y; y++) {
      for (let x = 0; x < X; x++, i++) {
        if (!((labels.voxels[i] ?? 0) > 0)) continue;
        counts[0][z] = (counts[0][z] ?? 0) + 1;
        counts[1][y] = (counts[1][y] ?? 0) + 1;
        counts[2][x] = (counts[2][x] ?? 0) + 1;
      }
    }
  }
  const fullest = (list: Float64Array) => {
    const weighed = list.map((count, i) => count * Math.sin((Math.PI * (i + 0.5)) / list.length));
    const most = Math.max(...weighed);
    return most === 0 ? list.length >> 1 : weighed.indexOf(most);
  };
  return [fullest(counts[0]), fullest(counts[1]), fullest(counts[2])];
}

/** At most so many numbers out of 0 to `count` - 1, evenly spread, the first and the last among them. */
export function evenly(count: number, most: number): readonly number[] {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  if (most === 1) return [count >> 1];
  return Array.from({ length: most }, (_, i) => Math.round((i * (count - 1)) / (most - 1)));
}
