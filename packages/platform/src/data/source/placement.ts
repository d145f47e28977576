import type { Region, ZarrArray } from "@cell-observatory/zarr";
import { DataError, imageAxes, stridesOf } from "../../images/index.ts";
import type { VoxelBox } from "../batch.ts";
import type { Origin } from "../sample.ts";
import type { ChannelRun } from "./channels.ts";

/** A block of an image, T Z Y X, and which of its channels. */
export interface Block {
  readonly origin: Origin;
  readonly size: Origin;
  readonly channels: ChannelRun;
}

/** What to read, along the array's own axes, and where it goes in memory of T Z Y X C. */
export interface Placement extends Region {
  /** Elements of the memory from one element of the region to the next, per axis of the array. */
  readonly strides: readonly number[];
  /** Elements before the first. */
  readonly offset: number;
}

/** @throws {@link DataError} DATA_SHAPE when the array has not the axes that the catalogue says. */
export function placement(
  array: Pick<ZarrArray, "path" | "shape">,
  axes: string,
  block: Block,
  memoryShape: readonly number[],
): Placement {
  const { origin, size, channels } = block;
  const starts = byAxis([...origin, channels.first]);
  const sizes = byAxis([...size, channels.count]);
  if (axes.length !== array.shape.length) {
    const message = `${array.path} has ${array.shape.length} axes, but the catalogue says ${axes}`;
    throw new DataError("DATA_SHAPE", message);
  }
  const lacking = [...imageAxes].find((axis) => {
    return !axes.includes(axis) && ((sizes[axis] ?? 1) > 1 || (starts[axis] ?? 0) > 0);
  });
  if (lacking) {
    const wanted = `${sizes[lacking]} from ${starts[lacking]} on along ${lacking}`;
    throw new DataError("DATA_SHAPE", `${array.path} has axes ${axes}; asked for ${wanted}`);
  }
  const strides = byAxis(stridesOf(memoryShape));
  return {
    origin: [...axes].map((axis) => starts[axis] ?? 0),
    shape: [...axes].map((axis) => sizes[axis] ?? 1),
    strides: [...axes].map((axis) => strides[axis] ?? 0),
    offset: channels.at,
  };
}

/** The same placement, chunk by chunk of the array. */
export function chunkPlacements(
  { origin, shape, strides, offset }: Placement,
  chunkShape: readonly number[],
): readonly Placement[] {
  let parts: { origin: number[]; shape: number[]; offset: number }[] = [
    { origin: [], shape: [], offset },
  ];
  origin.forEach((start, axis) => {
    const chunk = chunkShape[axis] ?? 1;
    const end = start + (shape[axis] ?? 0);
    parts = parts.flatMap((part) => {
      const along: typeof parts = [];
      for (let from = start; from < end; ) {
        const to = Math.min(end, (Math.floor(from / chunk) + 1) * chunk);
        along.push({
          origin: [...part.origin, from],
          shape: [...part.shape, to - from],
          offset: part.offset + (from - start) * (strides[axis] ?? 0),
        });
        from = to;
      }
      return along;
    });
  });
  return parts.map((part) => ({ ...part, strides }));
}

/** Where a part of a block lies in the sample that the block's first voxel begins. */
export function boxOf(part: Region, axes: string, origin: Origin): VoxelBox {
  const along = (axis: number): readonly [number, number] => {
    const at = axes.indexOf(imageAxes.charAt(axis));
    const from = at < 0 ? 0 : (part.origin[at] ?? 0) - (origin[axis] ?? 0);
    return [from, from + (at < 0 ? 1 : (part.shape[at] ?? 1))];
  };
  const [t, z, y, x] = [along(0), along(1), along(2), along(3)] as const;
  return { from: [t[0], z[0], y[0], x[0]], to: [t[1], z[1], y[1], x[1]] };
}

function byAxis(values: readonly number[]): Readonly<Record<string, number>> {
  return Object.fromEntries([...imageAxes].map((axis, i) => [axis, values[i] ?? 0]));
}
