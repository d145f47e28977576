import type { RandomStream } from "../rng/random-stream.ts";
import type { MaskGrid } from "./mask-grid.ts";

/** Sides of a block, in tokens, along the axes of the grid. */
export type BlockSize = readonly number[];

/** Ranges that a block's sides are drawn from; the YAML's keys (`datasets.masking`). */
export interface BlockScales {
  /** Area of a block over that of the Y and X axes. */
  readonly lateral_mask_scale: number | readonly [number, number];
  /** Depth of a block over that of the Z axis. */
  readonly axial_mask_scale: number | readonly [number, number];
  /** Length of a block over that of the T axis. */
  readonly temporal_mask_scale: number | readonly [number, number];
  /** Height (Y) over width (X). */
  readonly aspect_ratio_scale_hw: readonly [number, number];
}

/** Draws the one size that all blocks of a batch have. */
export function blockSize(scales: BlockScales, grid: MaskGrid, rng: RandomStream): BlockSize {
  const draw = (range: number | readonly [number, number]) =>
    typeof range === "number" ? range : rng.uniform(...range);
  // All four are drawn, whatever the axes: a grid without T has the blocks of one with it.
  const temporal = draw(scales.temporal_mask_scale);
  const axial = draw(scales.axial_mask_scale);
  const lateral = draw(scales.lateral_mask_scale);
  const aspect = draw(scales.aspect_ratio_scale_hw);
  const count = (name: string) => grid.counts[grid.axes.indexOf(name)] ?? 1;
  const area = lateral * count("Y") * count("X");
  const sides: Readonly<Record<string, number>> = {
    T: Math.floor(temporal * count("T")),
    Z: Math.floor(axial * count("Z")),
    Y: Math.round(Math.sqrt(area * aspect)),
    X: Math.round(Math.sqrt(area / aspect)),
  };
  return grid.axes.map((name) => Math.min(Math.max(sides[name] ?? 1, 1), count(name)));
}

/**
 * The number of tokens that `numBlocks` blocks of this size are expected to cover, to the nearest
 * whole number, with at least one token left on either side.
 */
export function expectedHidden(grid: MaskGrid, size: BlockSize, numBlocks: number): number {
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

/**
 * Flags [N] of just `numHidden` tokens: the union of blocks placed at random, grown or shrunk on all
 * sides until the number fits. Of the last shell, tokens are taken at random.
 */
export function blockedMask(
  grid: MaskGrid,
  { size, numBlocks, numHidden }: { size: BlockSize; numBlocks: number; numHidden: number },
  rng: RandomStream,
): Uint8Array {
  const starts = Array.from({ length: numBlocks }, () =>
    grid.counts.map((count, a) => rng.integer(0, count - (size[a] ?? count) + 1)),
  );
  const distances = distanceToBlocks(grid, starts, size);
  const shell = distances.toSorted()[numHidden - 1] ?? 0;
  const flags = Uint8Array.from(distances, (distance) => Number(distance < shell));
  const open = numHidden - flags.reduce((sum, flag) => sum + flag, 0);
  const onShell = [...distances.keys()].filter((n) => distances[n] === shell);
  for (const i of rng.sample(onShell.length, open)) flags[onShell[i] ?? 0] = 1;
  return flags;
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
  const perBlock = starts.map((start) => {
    const perAxis = grid.counts.map((count, a) => {
      const first = start[a] ?? 0;
      const last = first + (size[a] ?? count) - 1;
      return Array.from({ length: count }, (_, c) =>
        Math.max(first > 0 ? first - c : deep, last < count - 1 ? c - last : deep),
      );
    });
    return perAxis.reduce<readonly number[]>(
      (all, axis) => all.flatMap((distance) => axis.map((other) => Math.max(distance, other))),
      [deep],
    );
  });
  return Int32Array.from(perBlock[0] ?? [], (_, n) =>
    Math.min(...perBlock.map((distances) => distances[n] ?? 0)),
  );
}
