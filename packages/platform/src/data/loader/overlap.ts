import type { HypercubeTable } from "../../database/index.ts";
import { DataError } from "../errors.ts";
import { arrayPath, sampleId } from "../sample.ts";
import type { Part } from "./split.ts";
import { cubeOf, startsOf } from "./table-columns.ts";

/**
 * Checks that no hypercube that is held out shares a voxel with one that is trained on, also where a
 * catalogue lists one array under two names.
 *
 * @param sides - of each row: 0 training, 1 validation.
 * @throws {@link DataError} DATA_SPLIT with the first two that do.
 */
export function checkApart(table: HypercubeTable, sides: Uint8Array): void {
  const arrays = arrayNumbers(table);
  const isShared = sharedArrays(table, arrays, sides);
  const cells = new Cells(table, arrays);
  const isAsked = (row: number, side: number) =>
    sides[row] === side && isShared[arrays[table.tile[row] ?? 0] ?? 0] === 3;
  for (let row = 0; row < sides.length; row++) if (isAsked(row, 1)) cells.add(row);
  for (let row = 0; row < sides.length; row++) {
    const other = isAsked(row, 0) ? cells.overlapping(row) : null;
    if (other === null) continue;
    const [a, b] = [row, other].map((index) => {
      const record = table.recordAt(index);
      const { time_start, z_start, y_start, x_start } = record;
      return sampleId({ index, record, origin: [time_start, z_start, y_start, x_start] });
    });
    const message = `${a} would be trained on and ${b} held out, but they share voxels`;
    throw new DataError("DATA_SPLIT", message, {
      hint: "Set datasets.split_by=cut, which leaves out what lies on both sides, or ask for hypercubes side by side.",
    });
  }
}

/** A number for each tile; tiles of one array have the same. */
function arrayNumbers({ tiles }: HypercubeTable): Int32Array {
  const numbers = new Map<string, number>();
  return Int32Array.from(tiles, (tile) => {
    const path = arrayPath(tile);
    const number = numbers.get(path) ?? numbers.size;
    numbers.set(path, number);
    return number;
  });
}

/** For each array, 1 when hypercubes of it are trained on, 2 when some are held out, 3 for both. */
function sharedArrays({ tile, tiles }: HypercubeTable, arrays: Int32Array, sides: Uint8Array) {
  const shared = new Uint8Array(tiles.length);
  for (let row = 0; row < sides.length; row++) {
    const array = arrays[tile[row] ?? 0] ?? 0;
    shared[array] = (shared[array] ?? 0) | ([1, 2][sides[row] ?? 2] ?? 0);
  }
  return shared;
}

/** Held-out hypercubes by the cells of a grid as coarse as the largest of them. */
class Cells {
  readonly #table: HypercubeTable;
  readonly #array: Int32Array;
  readonly #edges: readonly number[];
  readonly #cells = new Map<string, number[]>();
  /** Whether every hypercube fills one cell, so that others cannot touch it. */
  readonly #isAligned: boolean;

  constructor(table: HypercubeTable, arrays: Int32Array) {
    this.#table = table;
    this.#array = arrays;
    this.#edges = [0, 1, 2, 3].map((axis) =>
      table.shapes.reduce((most, shape) => Math.max(most, shape[axis] ?? 1), 1),
    );
    this.#isAligned = startsOf(table).every((starts, axis) => {
      const edge = this.#edges[axis] ?? 1;
      return starts.every((start) => start % edge === 0);
    });
  }

  add(row: number): void {
    for (const key of this.#keysOf(row)) {
      const cell = this.#cells.get(key);
      if (cell) cell.push(row);
      else this.#cells.set(key, [row]);
    }
  }

  overlapping(row: number): number | null {
    const cube = cubeOf(this.#table, row);
    for (const key of this.#keysOf(row)) {
      for (const other of this.#cells.get(key) ?? []) {
        if (this.#isAligned || doOverlap(cube, cubeOf(this.#table, other))) return other;
      }
    }
    return null;
  }

  /** Of all cells that a hypercube touches. */
  #keysOf(row: number): readonly string[] {
    const { from, to } = cubeOf(this.#table, row);
    const array = this.#array[this.#table.tile[row] ?? 0] ?? 0;
    let keys = [`${array}`];
    for (let axis = 0; axis < 4; axis++) {
      const edge = this.#edges[axis] ?? 1;
      const first = Math.floor((from[axis] ?? 0) / edge);
      const last = Math.floor(((to[axis] ?? 1) - 1) / edge);
      keys = keys.flatMap((key) =>
        Array.from({ length: last - first + 1 }, (_, i) => `${key} ${first + i}`),
      );
    }
    return keys;
  }
}

function doOverlap(a: Part, b: Part): boolean {
  return a.from.every(
    (start, axis) => start < (b.to[axis] ?? 0) && (b.from[axis] ?? 0) < (a.to[axis] ?? 0),
  );
}
