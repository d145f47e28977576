import type { RandomStream } from "../../rng/index.ts";
import type { BlockSize } from "./block-size.ts";
import { type MaskGrid, numTokensOf } from "./mask-grid.ts";
import type { MaskPlan } from "./mask-plan.ts";

/** Blocks of one size, whose places differ from sample to sample. */
export interface Blocks {
  /** Of the sides that a grid has no room for, it takes what it has. */
  sizeIn(grid: MaskGrid): BlockSize;
  readonly numBlocks: number;
}

/**
 * BLOCKED: the union of blocks placed at random, each place in the grid equally likely.
 *
 * Samples of a batch hide as many tokens each, and unions differ, so each union is grown or shrunk on
 * all sides until it has the number that such blocks cover on average; of the last shell, tokens are
 * taken at random. Blocks lie within the grid, so that a token near its border is hidden less often
 * than one in the middle: with one block of side s among n tokens of an axis, token i is in
 * (min(i, n - s) - max(0, i - s + 1) + 1) of the n - s + 1 places, and p is the product over the
 * axes. With k blocks it is hidden in about 1 - (1 - p)^k of the masks: on a grid of 4 x 8 x 8 x 8
 * growing and shrinking moves that by 0.02 on average, and by 0.06 at most.
 */
export function blockedMask({ sizeIn, numBlocks }: Blocks): MaskPlan {
  return {
    quota: (grid) => expectedHidden(grid, sizeIn(grid), numBlocks),
    draw(grid, numHidden, rng) {
      const size = sizeIn(grid);
      const starts = Array.from({ length: numBlocks }, () => drawStart(grid, size, rng));
      return nearest(distanceToBlocks(grid, starts, size), numHidden, rng);
    },
  };
}

/** Where a block begins, along each axis. */
export function drawStart(grid: MaskGrid, size: BlockSize, rng: RandomStream): readonly number[] {
  return grid.counts.map((count, a) => rng.integer(0, count - (size[a] ?? count) + 1));
}

/** The mean number of tokens of the union, to the nearest whole one, with a token on either side. */
function expectedHidden(grid: MaskGrid, size: BlockSize, numBlocks: number): number {
  const perAxis = grid.counts.map((count, a) => {
    const places = count - (size[a] ?? count) + 1;
    return Array.from({ length: count }, (_, c) => {
      const first = Math.max(0, c - (size[a] ?? count) + 1);
      const last = Math.min(c, places - 1);
      return (last - first + 1) / places;
    });
  });
  const chances = perAxis.reduce<readonly number[]>(
    (all, axis) => all.flatMap((chance) => axis.map((other) => chance * other)),
    [1],
  );
  const covered = chances.reduce((sum, chance) => sum + 1 - (1 - chance) ** numBlocks, 0);
  return Math.min(Math.max(Math.round(covered), 1), chances.length - 1);
}

/** Flags of the `count` tokens with the smallest distances; of those that tie, random ones. */
function nearest(distances: Int32Array, count: number, rng: RandomStream): Uint8Array {
  const shell = smallest(distances, count);
  const flags = new Uint8Array(distances.length);
  const onShell: number[] = [];
  let numOpen = count;
  for (let n = 0; n < flags.length; n++) {
    const distance = distances[n] as number;
    if (distance < shell) {
      flags[n] = 1;
      numOpen--;
    } else if (distance === shell) onShell.push(n);
  }
  for (const i of rng.sample(onShell.length, numOpen)) flags[onShell[i] ?? 0] = 1;
  return flags;
}

/** The `rank`-th smallest of the values, counted from 1; they are few different ones. */
function smallest(values: Int32Array, rank: number): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let before = 0;
  for (const value of [...counts.keys()].sort((a, b) => a - b)) {
    before += counts.get(value) ?? 0;
    if (before >= rank) return value;
  }
  return 0;
}

/**
 * How many steps, diagonals allowed, each token is from the nearest block's outermost layer: that
 * layer is 0, deeper ones are negative. A side on the border of the grid is no side: blocks that
 * reach through an axis shrink along the others.
 */
function distanceToBlocks(
  grid: MaskGrid,
  starts: readonly (readonly number[])[],
  size: BlockSize,
): Int32Array {
  const deep = -(2 ** 30);
  const nearestOf = new Int32Array(numTokensOf(grid)).fill(2 ** 30);
  for (const start of starts) {
    let distances = Int32Array.of(deep);
    for (const [a, count] of grid.counts.entries()) {
      const first = start[a] ?? 0;
      const last = first + (size[a] ?? count) - 1;
      const next = new Int32Array(distances.length * count);
      for (let c = 0; c < count; c++) {
        const before = first > 0 ? first - c : deep;
        const behind = last < count - 1 ? c - last : deep;
        const side = Math.max(before, behind);
        for (let i = 0; i < distances.length; i++) {
          const outer = distances[i] as number;
          next[i * count + c] = Math.max(outer, side);
        }
      }
      distances = next;
    }
    for (let n = 0; n < distances.length; n++) {
      const distance = distances[n] as number;
      if (distance < (nearestOf[n] as number)) nearestOf[n] = distance;
    }
  }
  return nearestOf;
}
