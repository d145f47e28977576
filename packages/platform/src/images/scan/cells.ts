import type { HypercubePlace } from "../../database/index.ts";
import { imageAxes } from "../axes.ts";
import type { Box } from "../import/image-source.ts";
import type { GridPlaces } from "./grid.ts";

/** A part of an image that is read at once, with the hypercubes that begin in it. */
export interface Cell {
  /** Cells lie side by side and cover the image: what is counted once is counted in them. */
  readonly own: Box;
  /** The cell, and what its hypercubes reach beyond it. */
  readonly read: Box;
  /** Which of the places begin in it. */
  readonly cubes: readonly number[];
}

export interface CellLimits {
  /** Sizes along T Z Y X that a cell is a multiple of where it can be. */
  readonly chunkShape: readonly number[];
  /** Of the largest hypercubes, and the least distance of neighbours, along T Z Y X. */
  readonly cubeShape: readonly number[];
  readonly strides: readonly number[];
  /** Of all channels of a voxel, and its label. */
  readonly voxelBytes: number;
  readonly cellBytes: number;
}

type Four = readonly [t: number, z: number, y: number, x: number];

/** Cuts an image [T Z Y X ...] into cells that fit into memory, with their hypercubes. */
export function planCells(
  shape: readonly number[],
  places: GridPlaces,
  limits: CellLimits,
): readonly Cell[] {
  const edges = cellEdges(shape, limits);
  const counts = edges.map((edge, axis) => Math.ceil((shape[axis] ?? 1) / edge));
  const cubes = new Map<number, number[]>();
  for (let index = 0; index < places.length; index++) {
    const number = startOf(places.at(index)).reduce(
      (sum, start, axis) => sum * (counts[axis] ?? 1) + Math.floor(start / (edges[axis] ?? 1)),
      0,
    );
    const list = cubes.get(number);
    if (list) list.push(index);
    else cubes.set(number, [index]);
  }
  const total = counts.reduce((a, b) => a * b, 1);
  return Array.from({ length: total }, (_, number) => {
    const from = counts.map((count, axis) => {
      const behind = counts.slice(axis + 1).reduce((a, b) => a * b, 1);
      return (Math.floor(number / behind) % count) * (edges[axis] ?? 1);
    });
    const list = cubes.get(number) ?? [];
    const end = from.map((start, axis) => Math.min(start + (edges[axis] ?? 1), shape[axis] ?? 1));
    const reach = list.reduce((far, index) => {
      const place = places.at(index);
      const [starts, sizes] = [startOf(place), sizeOf(place)];
      return far.map((edge, axis) => Math.max(edge, (starts[axis] ?? 0) + (sizes[axis] ?? 0)));
    }, end);
    return { own: boxOf(from, end), read: boxOf(from, reach), cubes: list };
  });
}

export const startOf = (place: HypercubePlace): Four => [
  place.time_start,
  place.z_start,
  place.y_start,
  place.x_start,
];

export const sizeOf = (place: HypercubePlace): Four => [
  place.time_size,
  place.z_size,
  place.y_size,
  place.x_size,
];

function boxOf(from: readonly number[], to: readonly number[]): Box {
  const [t = 0, z = 0, y = 0, x = 0] = from;
  const [T = 1, Z = 1, Y = 1, X = 1] = to.map((end, axis) => end - (from[axis] ?? 0));
  return { origin: [t, z, y, x], shape: [T, Z, Y, X] };
}

/** As far as memory reaches, along the axes that lie together on disk first. */
function cellEdges(
  shape: readonly number[],
  { chunkShape, cubeShape, strides, voxelBytes, cellBytes }: CellLimits,
): number[] {
  const size = (axis: number) => shape[axis] ?? 1;
  const unit = cubeShape.map((_, axis) => {
    const [chunk, stride] = [chunkShape[axis] ?? 1, strides[axis] ?? 1];
    const both = leastCommonMultiple(chunk, stride);
    return Math.min(both <= 4 * Math.max(chunk, stride) ? both : stride, size(axis));
  });
  const edges = [...unit];
  // What hypercubes may reach beyond a cell is read with it.
  const bytes = () =>
    edges.reduce(
      (product, edge, axis) =>
        product *
        Math.min(size(axis), edge + Math.max(0, (cubeShape[axis] ?? 1) - (strides[axis] ?? 1))),
      voxelBytes,
    );
  for (const name of [...imageAxes.slice(0, 4)].reverse()) {
    const axis = imageAxes.indexOf(name);
    while ((edges[axis] ?? 1) < size(axis)) {
      const before = edges[axis] ?? 1;
      edges[axis] = Math.min(size(axis), before + (unit[axis] ?? 1));
      if (bytes() <= cellBytes) continue;
      edges[axis] = before;
      return edges;
    }
  }
  return edges;
}

function leastCommonMultiple(a: number, b: number): number {
  let [p, q] = [a, b];
  while (q > 0) [p, q] = [q, p % q];
  return (a / p) * b;
}
