import type { ShownBlock } from "../images/index.ts";
import type { VoxelSize } from "../picture/index.ts";

type Three = readonly [z: number, y: number, x: number];

interface Seeing {
  readonly voxelSize: VoxelSize;
  readonly scale: Three;
  /** Of what was read. */
  readonly centre: Three;
  /** Of what the model sees. */
  readonly middle: Three;
}

/** How what the model sees is drawn where its sizes are others: all of what was read at the same place. */
export function seenPart(
  { voxelSize: { zyx }, scale, centre, middle }: Seeing,
  { shape: [, ...seen] }: ShownBlock,
  { shape: [, ...read] }: ShownBlock,
) {
  const along = (of: (axis: 0 | 1 | 2) => number): Three => [of(0), of(1), of(2)];
  const isWhole = scale.every((times, axis) => times * (seen[axis] ?? 1) === read[axis]);
  return {
    voxelSize: along((axis) => zyx[axis] * scale[axis]),
    centre: isWhole ? along((axis) => Math.floor((centre[axis] + 0.5) / scale[axis])) : middle,
  };
}
