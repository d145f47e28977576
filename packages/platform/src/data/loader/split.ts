import type { HypercubeTable } from "../../database/index.ts";
import { DataError } from "../../images/index.ts";
import { arrayNumbers } from "./array-numbers.ts";
import { cutArrays, sideOfCut } from "./cut.ts";
import { checkApart, sharedArrays } from "./overlap.ts";
import { cubeOf, type Part, tileOf } from "./part.ts";
import { drawnArrays, drawnKeys, drawnRows, type SplitBy } from "./split-key.ts";

/** Rows of a table on both sides, in the table's order. */
export interface Split {
  readonly training: Int32Array;
  readonly validation: Int32Array;
  /** Hypercubes that lie on both sides of a cut, and are left out. */
  readonly numStraddling: number;
  /** The part of its tile that samples of a training row may be in. */
  partOf(row: number): Part;
}

export interface SplitOptions {
  /** Part of the hypercubes that is held out. */
  readonly fraction: number;
  readonly seed: number;
  readonly by?: SplitBy;
  readonly signal?: AbortSignal;
}

/**
 * Holds out about `fraction` of the hypercubes for validation, so that no voxel is on both sides.
 *
 * - `cut`: each array is cut once, across the axis of space along which it has most room for
 *   hypercubes (along time when there is no room in space), and what lies behind the cut is held
 *   out. An array that has no room for a cut goes to one side whole.
 * - `row`: hypercubes are drawn one by one.
 * - `tile`, `roi`, `specimen`: those of a tile, an ROI or a folder of the catalogue go together.
 *
 * Sides are drawn from the seed and names: neither the order of the rows nor the epoch plays a part.
 * An array is one array under however many names a catalogue lists it, and also where a link leads to
 * it. Training samples that move stay away from the other side, too: where an array is on both, they
 * stay before its cut, or where they are.
 *
 * @throws {@link DataError} DATA_SPLIT when nothing is left to train on, when nothing is held out
 *   although `fraction` is above 0, or when hypercubes of the two sides share voxels.
 */
export async function splitHypercubes(
  table: HypercubeTable,
  options: SplitOptions,
): Promise<Split> {
  const split =
    options.fraction === 0
      ? allTraining(table)
      : splitBy(table, await arrayNumbers(table, options), options);
  const { training, validation } = split;
  if (training.length === 0 || (options.fraction > 0 && validation.length === 0)) {
    const found = `${training.length} hypercubes to train on and ${validation.length} held out`;
    const message = `expected at least one of each, got ${found}, of ${table.numRows}, with split ${options.fraction}`;
    throw new DataError("DATA_SPLIT", message);
  }
  return split;
}

function splitBy(
  table: HypercubeTable,
  arrays: Int32Array,
  { by = "cut", ...options }: SplitOptions,
): Split {
  switch (by) {
    case "cut":
      return cutEach(table, arrays, options);
    case "row": {
      const isHeldOut = drawnRows(table, options);
      const sides = sidesOf(table, (row) => (isHeldOut(row) ? 1 : 0));
      checkApart(table, arrays, sides);
      // Crops that move would reach into held-out neighbours.
      return { ...rowsOf(sides), partOf: (row) => cubeOf(table, row) };
    }
    case "tile":
    case "roi":
    case "specimen": {
      const isHeldOut = drawnKeys(table, by, options);
      const sides = sidesOf(table, (row) => (isHeldOut(table.tile[row] ?? 0) ? 1 : 0));
      checkApart(table, arrays, sides);
      const shared = sharedArrays(table, arrays, sides);
      const isOnBothSides = (row: number) => shared[arrays[table.tile[row] ?? 0] ?? 0] === 3;
      const partOf = (row: number) =>
        isOnBothSides(row) ? cubeOf(table, row) : tileOf(table, row);
      return { ...rowsOf(sides), partOf };
    }
    default:
      return by satisfies never;
  }
}

function allTraining(table: HypercubeTable): Split {
  const sides = new Uint8Array(table.numRows);
  return { ...rowsOf(sides), partOf: (row) => tileOf(table, row) };
}

function cutEach(
  table: HypercubeTable,
  arrays: Int32Array,
  options: Omit<SplitOptions, "by">,
): Split {
  const cuts = cutArrays(table, arrays, options.fraction);
  const isWholeHeldOut = drawnArrays(table, arrays, options);
  const sideOf = sideOfCut(table);
  const sides = sidesOf(table, (row) => {
    const array = arrays[table.tile[row] ?? 0] ?? 0;
    const cut = cuts[array];
    if (cut) return sideOf(row, cut);
    return isWholeHeldOut[array] ? 1 : 0;
  });
  const partOf = (row: number): Part => {
    const { from, to } = tileOf(table, row);
    const cut = cuts[arrays[table.tile[row] ?? 0] ?? 0];
    if (!cut) return { from, to };
    const [t, z, y, x] = to.map((end, axis) => (axis === cut.axis ? Math.min(end, cut.at) : end));
    return { from, to: [t ?? 0, z ?? 0, y ?? 0, x ?? 0] };
  };
  return { ...rowsOf(sides), partOf };
}

/** 0: training, 1: validation, 2: on neither side. */
function sidesOf(table: HypercubeTable, sideAt: (row: number) => number): Uint8Array {
  const sides = new Uint8Array(table.numRows);
  for (let row = 0; row < sides.length; row++) sides[row] = sideAt(row);
  return sides;
}

function rowsOf(sides: Uint8Array): Pick<Split, "training" | "validation" | "numStraddling"> {
  const counts = [0, 0, 0];
  for (const side of sides) counts[side] = (counts[side] ?? 0) + 1;
  const [training, validation] = [0, 1].map((side) => {
    const rows = new Int32Array(counts[side] ?? 0);
    let at = 0;
    for (let row = 0; row < sides.length; row++) if (sides[row] === side) rows[at++] = row;
    return rows;
  }) as [Int32Array, Int32Array];
  return { training, validation, numStraddling: counts[2] ?? 0 };
}
