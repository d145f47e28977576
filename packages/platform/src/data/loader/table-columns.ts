import type { HypercubeTable } from "../../database/index.ts";
import type { Part } from "./split.ts";

/** Starts of a table's hypercubes along T Z Y X. */
export function startsOf(table: HypercubeTable): readonly Int32Array[] {
  return [table.time_start, table.z_start, table.y_start, table.x_start];
}

/** Size of each shape along T Z Y X: `sizesOf(table)[axis][table.shape[row]]`. */
export function sizesOf({ shapes }: HypercubeTable): readonly Int32Array[] {
  return [0, 1, 2, 3].map((axis) => Int32Array.from(shapes, (shape) => shape[axis] ?? 1));
}

/** Where a row's hypercube lies in its tile. */
export function cubeOf(table: HypercubeTable, row: number): Part {
  const [t, z, y, x] = startsOf(table).map((starts) => starts[row] ?? 0);
  const [dt = 1, dz = 1, dy = 1, dx = 1] = table.shapes[table.shape[row] ?? 0] ?? [];
  const from = [t ?? 0, z ?? 0, y ?? 0, x ?? 0] as const;
  return { from, to: [from[0] + dt, from[1] + dz, from[2] + dy, from[3] + dx] };
}

/** The whole tile of a row. */
export function tileOf(table: HypercubeTable, row: number): Part {
  const tile = table.tiles[table.tile[row] ?? 0];
  const { time_size = 0, z_size = 0, y_size = 0, x_size = 0 } = tile ?? {};
  return { from: [0, 0, 0, 0], to: [time_size, z_size, y_size, x_size] };
}
