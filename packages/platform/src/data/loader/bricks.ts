import type { HypercubeTable } from "../../database/index.ts";
import type { Bricks } from "./epoch-order.ts";
import { startsOf } from "./table-columns.ts";

/**
 * Groups rows whose hypercubes begin in one block of a tile, `edge` voxels wide along z, y and x,
 * and one hypercube long in time.
 *
 * @param rows - of the table; members are indices into it.
 */
export function bricksOf(table: HypercubeTable, rows: Int32Array, edge: number): Bricks {
  const numbers = brickNumbers(table, rows, edge);
  const starts = new Int32Array(numbers.count + 1);
  for (const brick of numbers.ofRow) starts[brick + 1] = (starts[brick + 1] ?? 0) + 1;
  for (let i = 0; i < numbers.count; i++) starts[i + 1] = (starts[i + 1] ?? 0) + (starts[i] ?? 0);
  const next = starts.slice();
  const members = new Int32Array(rows.length);
  numbers.ofRow.forEach((brick, i) => {
    const at = next[brick] ?? 0;
    members[at] = i;
    next[brick] = at + 1;
  });
  return { members, starts };
}

/** Bricks are counted in the order in which rows first need them. */
function brickNumbers(table: HypercubeTable, rows: Int32Array, edge: number) {
  const [t, z, y, x] = startsOf(table) as [Int32Array, Int32Array, Int32Array, Int32Array];
  const frames = table.shapes.reduce((most, [size]) => Math.max(most, size), 1);
  const known = table.tiles.map(() => new Map<number, number>());
  let count = 0;
  const ofRow = rows.map((row) => {
    const along = (start: number | undefined, size: number) => Math.floor((start ?? 0) / size);
    // A tile has at most 2^31 voxels along an axis: four of these do not fit into one number, but
    // bricks of 2^13 along each do, and a tile with more of them shares some, which does no harm.
    const place = [along(t[row], frames), along(z[row], edge), along(y[row], edge)].reduce(
      (key, part) => key * 8192 + (part % 8192),
      0,
    );
    const key = place * 8192 + (along(x[row], edge) % 8192);
    const ofTile = known[table.tile[row] ?? 0];
    const brick = ofTile?.get(key) ?? count;
    if (brick === count) {
      ofTile?.set(key, brick);
      count += 1;
    }
    return brick;
  });
  return { ofRow, count };
}
