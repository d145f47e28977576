import type { RandomStream } from "../../rng/index.ts";
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
