import type { HypercubeTable } from "../../database/index.ts";

/** Starts of a table's hypercubes along T Z Y X. */
export function startsOf(table: HypercubeTable): readonly Int32Array[] {
  return [table.time_start, table.z_start, table.y_start, table.x_start];
}

/** Size of each shape along T Z Y X: `sizesOf(table)[axis][table.shape[row]]`. */
export function sizesOf({ shapes }: HypercubeTable): readonly Int32Array[] {
  return [0, 1, 2, 3].map((axis) => Int32Array.from(shapes, (shape) => shape[axis] ?? 1));
}
