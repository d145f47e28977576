import { blockOf, type ShownBlock } from "../images/index.ts";
import type { TokenGrid } from "../nn/index.ts";
import { hiddenVoxels } from "./hidden-voxels.ts";
import type { SeenRow } from "./seen-row.ts";

/** A row as the model gets it, to be cut into planes; axes that its layout lacks have size 1. */
export interface SeenBlocks {
  /** With the labels of the row. */
  readonly image: ShownBlock;
  /** The image to predict. */
  readonly target: ShownBlock | null;
  /** 1 where a voxel lies in a hidden patch; null: the task hides none. */
  readonly hidden: ShownBlock | null;
  /** Part of the voxels that the model does not see. */
  readonly hiddenPart: number;
}

export function seenBlocks(seen: SeenRow, grid: TokenGrid): SeenBlocks {
  const sizeOf = (axis: "T" | "Z" | "Y" | "X") => grid.sizes[grid.axes.indexOf(axis)] ?? 1;
  const [T, Z, Y, X] = [sizeOf("T"), sizeOf("Z"), sizeOf("Y"), sizeOf("X")];
  const numVoxels = T * Z * Y * X;
  const block = (voxels: ArrayLike<number>, labels: ArrayLike<number> | null = null) =>
    blockOf(voxels, [T, Z, Y, X, voxels.length / numVoxels], { order: "TZYXC", labels });
  const isHidden = seen.hidden && hiddenVoxels(grid, seen.hidden);
  return {
    image: block(seen.video, seen.labels),
    target: seen.target && block(seen.target),
    hidden: isHidden && block(isHidden),
    hiddenPart: (isHidden?.reduce((sum, flag) => sum + flag, 0) ?? 0) / numVoxels,
  };
}
