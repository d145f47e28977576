import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { HypercubeBatch } from "../../database/index.ts";
import { PartsOfTile, type TilePart } from "./parts-of-tile.ts";

const four = (min: number, max: number) =>
  fc.array(fc.integer({ min, max }), { minLength: 4, maxLength: 4 });

/** Rows [origin, shape] of one tile. */
function batchOf(rows: readonly (readonly (readonly number[])[])[]): HypercubeBatch {
  const column = (which: 0 | 1, axis: number) =>
    Int32Array.from(rows, (row) => row[which]?.[axis] ?? 0);
  return {
    numRows: rows.length,
    tiles: [],
    tile: new Int32Array(rows.length),
    time_start: column(0, 0),
    z_start: column(0, 1),
    y_start: column(0, 2),
    x_start: column(0, 3),
    time_size: column(1, 0),
    z_size: column(1, 1),
    y_size: column(1, 2),
    x_size: column(1, 3),
    statistics: {},
    boxes: null,
  };
}

test("a row is at fault when it shares a voxel with a part, and only then", () => {
  const part = fc.record({ origin: four(0, 12), shape: four(1, 4) });
  const row = fc.tuple(four(0, 12), four(1, 4));
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 12 }),
      fc.array(row, { maxLength: 12 }),
      (parts, rows) => {
        const found = new PartsOfTile(parts);
        const batch = batchOf(rows);
        rows.forEach(([start, size], i) => {
          const shares = parts.some(({ origin, shape }) =>
            origin.every(
              (from, axis) =>
                Math.max(from, start[axis] ?? 0) <
                Math.min(from + (shape[axis] ?? 0), (start[axis] ?? 0) + (size[axis] ?? 0)),
            ),
          );
          assert.equal(found.areIn(batch, i), shares);
        });
      },
    ),
  );
});

test("a row is compared with the parts of its own frames alone", () => {
  let numCompared = 0;
  const parts = Array.from({ length: 1000 }, (_, t): TilePart => {
    const shape = [1, 1, 1, 1];
    const origin = [t, 0, 0, 0];
    Object.defineProperty(origin, 1, {
      get: () => {
        numCompared += 1;
        return 0;
      },
    });
    return { origin, shape };
  });
  const found = new PartsOfTile(parts);
  const rows = Array.from({ length: 1000 }, (_, t) => [
    [t, 5, 0, 0],
    [1, 1, 1, 1],
  ]);
  const batch = batchOf(rows);
  for (let row = 0; row < 1000; row++) assert.equal(found.areIn(batch, row), false);
  assert.ok(numCompared <= 2 * 1000, `${numCompared} comparisons`);
});

test("a part without a place is all of the image", () => {
  const all = new PartsOfTile([{ origin: null, shape: null }]);
  assert.equal(
    all.areIn(
      batchOf([
        [
          [0, 0, 0, 0],
          [1, 1, 1, 1],
        ],
      ]),
      0,
    ),
    true,
  );
});
