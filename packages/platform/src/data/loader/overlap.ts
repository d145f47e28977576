import type { HypercubeTable } from "../../database/index.ts";
import { DataError } from "../../images/index.ts";
import { sampleId } from "../sample.ts";
import { sizesOf, startsOf } from "./table-columns.ts";

/**
 * Checks that no hypercube that is held out shares a voxel with one that is trained on, also where a
 * catalogue lists one array under two names.
 *
 * @param arrays - the number of each tile's array.
 * @param sides - of each row: 0 training, 1 validation.
 * @throws {@link DataError} DATA_SPLIT with the first two that do.
 */
export function checkApart(table: HypercubeTable, arrays: Int32Array, sides: Uint8Array): void {
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

/** For each array, 1 when hypercubes of it are trained on, 2 when some are held out, 3 for both. */
export function sharedArrays(
  { tile, tiles }: HypercubeTable,
  arrays: Int32Array,
  sides: Uint8Array,
): Uint8Array {
  const shared = new Uint8Array(tiles.length);
  for (let row = 0; row < sides.length; row++) {
    const array = arrays[tile[row] ?? 0] ?? 0;
    shared[array] = (shared[array] ?? 0) | ([1, 2][sides[row] ?? 2] ?? 0);
  }
  return shared;
}

/** Held-out hypercubes by the cells of a grid as coarse as the largest of them, in each array. */
class Cells {
  readonly #table: HypercubeTable;
  readonly #array: Int32Array;
  readonly #starts: readonly Int32Array[];
  readonly #sizes: readonly Int32Array[];
  readonly #edges: readonly number[];
  /** Cells along each axis. */
  readonly #counts: readonly number[];
  /** The newest entry of a cell, and behind each entry the one before it. */
  readonly #newest = new Map<number, number>();
  readonly #rows: number[] = [];
  readonly #before: number[] = [];

  constructor(table: HypercubeTable, arrays: Int32Array) {
    this.#table = table;
    this.#array = arrays;
    this.#starts = startsOf(table);
    this.#sizes = sizesOf(table);
    this.#edges = this.#sizes.map((sizes) => sizes.reduce((most, size) => Math.max(most, size), 1));
    this.#counts = this.#starts.map((starts, axis) => {
      const end = starts.reduce((most, start) => Math.max(most, start), 0);
      return Math.floor(end / (this.#edges[axis] ?? 1)) + 2;
    });
  }

  add(row: number): void {
    this.#eachCell(row, (cell) => {
      this.#before.push(this.#newest.get(cell) ?? -1);
      this.#newest.set(cell, this.#rows.push(row) - 1);
      return false;
    });
  }

  overlapping(row: number): number | null {
    let found: number | null = null;
    this.#eachCell(row, (cell) => {
      let entry = this.#newest.get(cell) ?? -1;
      for (; entry >= 0; entry = this.#before[entry] ?? -1) {
        const other = this.#rows[entry] ?? -1;
        if (!this.#doOverlap(row, other)) continue;
        found = other;
        return true;
      }
      return false;
    });
    return found;
  }

  /** Cells that a hypercube touches; where numbers are too large to be exact, some share one. */
  #eachCell(row: number, use: (cell: number) => boolean): void {
    const [t0, z0, y0, x0] = [0, 1, 2, 3].map((axis) => this.#first(row, axis));
    const [t1, z1, y1, x1] = [0, 1, 2, 3].map((axis) => this.#last(row, axis));
    const [, Z = 1, Y = 1, X = 1] = this.#counts;
    const array = (this.#array[this.#table.tile[row] ?? 0] ?? 0) * (this.#counts[0] ?? 1);
    for (let t = t0 ?? 0; t <= (t1 ?? 0); t++) {
      for (let z = z0 ?? 0; z <= (z1 ?? 0); z++) {
        for (let y = y0 ?? 0; y <= (y1 ?? 0); y++) {
          for (let x = x0 ?? 0; x <= (x1 ?? 0); x++) {
            if (use((((array + t) * Z + z) * Y + y) * X + x)) return;
          }
        }
      }
    }
  }

  #first(row: number, axis: number): number {
    return Math.floor((this.#starts[axis]?.[row] ?? 0) / (this.#edges[axis] ?? 1));
  }

  #last(row: number, axis: number): number {
    const end = (this.#starts[axis]?.[row] ?? 0) + this.#size(row, axis) - 1;
    return Math.floor(end / (this.#edges[axis] ?? 1));
  }

  #size(row: number, axis: number): number {
    return this.#sizes[axis]?.[this.#table.shape[row] ?? 0] ?? 1;
  }

  #doOverlap(a: number, b: number): boolean {
    const { tile } = this.#table;
    if (this.#array[tile[a] ?? 0] !== this.#array[tile[b] ?? 0]) return false;
    for (let axis = 0; axis < 4; axis++) {
      const starts = this.#starts[axis];
      const [startA, startB] = [starts?.[a] ?? 0, starts?.[b] ?? 0];
      if (startA >= startB + this.#size(b, axis)) return false;
      if (startB >= startA + this.#size(a, axis)) return false;
    }
    return true;
  }
}
