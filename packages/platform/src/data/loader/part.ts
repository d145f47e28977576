import type { HypercubeTable } from "../../database/index.ts";
import type { Origin } from "../sample.ts";
import { startsOf } from "./table-columns.ts";

/** A part of a tile, in voxels: its first corner, and the one behind its last. */
export interface Part {
  readonly from: Origin;
  readonly to: Origin;
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
