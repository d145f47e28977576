import type { HypercubeTable } from "../../database/index.ts";
import { sizesOf, startsOf } from "./table-columns.ts";

/** Across which axis (of T Z Y X) an array is cut, and where validation begins. */
export interface Cut {
  readonly axis: number;
  readonly at: number;
}

interface Extent {
  low: number;
  high: number;
  /** Of the largest hypercube. */
  size: number;
}

/**
 * For each array, its cut; null where no axis has two hypercubes behind each other. An array that has
 * several names is cut once, so that what one name holds out is not trained on under another.
 *
 * @param arrays - the number of each tile's array.
 */
export function cutArrays(
  table: HypercubeTable,
  arrays: Int32Array,
  fraction: number,
): readonly (Cut | null)[] {
  const starts = startsOf(table);
  const sizes = sizesOf(table);
  const axes = [0, 1, 2, 3].map((axis) => {
    const along = { starts: starts[axis] ?? table.x_start, sizes: sizes[axis] ?? new Int32Array() };
    return alongAxis(table, arrays, along, fraction);
  });
  const numArrays = arrays.reduce((most, array) => Math.max(most, array + 1), 0);
  return Array.from({ length: numArrays }, (_, array) => {
    const rooms = [1, 2, 3, 0].map((axis) => ({ axis, ...place(axes[axis]?.[array]) }));
    const [space] = rooms.slice(0, 3).sort((a, b) => b.room - a.room);
    const [, , , time] = rooms;
    const fits = (cut: typeof space) => (cut && cut.at - cut.low >= cut.size ? cut : null);
    return fits(space) ?? fits(time);
  });
}

/** On which side of a cut a row lies: 0 training, 1 validation, 2 both. */
export function sideOfCut(table: HypercubeTable): (row: number, cut: Cut) => 0 | 1 | 2 {
  const starts = startsOf(table);
  const sizes = sizesOf(table);
  return (row, { axis, at }) => {
    const start = starts[axis]?.[row] ?? 0;
    if (start >= at) return 1;
    return start + (sizes[axis]?.[table.shape[row] ?? 0] ?? 0) <= at ? 0 : 2;
  };
}

interface Candidate extends Extent {
  at: number;
}

/** Along one axis and for each array: where its hypercubes are, and where they would be cut. */
function alongAxis(
  { tile, tiles, shape }: HypercubeTable,
  arrays: Int32Array,
  { starts, sizes }: { readonly starts: Int32Array; readonly sizes: Int32Array },
  fraction: number,
): readonly (Candidate | null)[] {
  const found: (Candidate | null)[] = tiles.map(() => null); // as many at most
  for (let row = 0; row < tile.length; row++) {
    const [start, size] = [starts[row] ?? 0, sizes[shape[row] ?? 0] ?? 0];
    const array = arrays[tile[row] ?? 0] ?? 0;
    const known = found[array];
    if (!known) {
      found[array] = { low: start, high: start + size, size: Math.max(size, 1), at: 0 };
      continue;
    }
    known.low = Math.min(known.low, start);
    known.high = Math.max(known.high, start + size);
    known.size = Math.max(known.size, size);
  }
  for (const each of found) if (each) each.at = each.low;
  // Validation begins where a hypercube begins, with at least one of them on each side.
  for (let row = 0; row < tile.length; row++) {
    const each = found[arrays[tile[row] ?? 0] ?? 0];
    const start = starts[row] ?? 0;
    if (!each || start <= each.at) continue;
    const wanted = Math.min(each.high - fraction * (each.high - each.low), each.high - each.size);
    if (start <= wanted) each.at = start;
  }
  return found;
}

function place(found: Candidate | null | undefined) {
  const { low, high, size, at } = found ?? { low: 0, high: 0, size: 1, at: 0 };
  return { low, size, at, room: (high - low) / size };
}
