import { ShapeError, type Tensor } from "@cell-observatory/engine";
import type { TokenGrid } from "./token-grid.ts";

/**
 * Cuts an input [B ...axes C] into patches, and lays out the voxels of each one: [B N P].
 *
 * Patches, and voxels inside a patch, are both in the order of the grid's axes; C is the fastest.
 *
 * @throws {@link ShapeError} when the input is not of the grid's sizes.
 */
export function patchify(video: Tensor, grid: TokenGrid): Tensor {
  const [batch = 0, ...found] = video.shape;
  const wanted = [...grid.sizes, grid.channels];
  if (found.length !== wanted.length || found.some((size, i) => size !== wanted[i])) {
    const story = [...grid.axes, "C"].map((name, i) => `${name}=${wanted[i]}`);
    throw new ShapeError(`B ${story.join(" ")}`, video.shape);
  }
  const { split, order } = patchOrder(grid);
  return video
    .reshape([batch, ...split, grid.channels])
    .permute([...order])
    .reshape([batch, grid.numTokens, grid.patchVoxels]);
}

/** Puts patches [B N P] back in place: the inverse of {@link patchify}, [B ...axes C]. */
export function unpatchify(patches: Tensor, grid: TokenGrid): Tensor {
  const { B } = patches.sizes("B N P", { N: grid.numTokens, P: grid.patchVoxels });
  const { order } = patchOrder(grid);
  const inverse = order.map((_, place) => order.indexOf(place));
  return patches
    .reshape([B, ...grid.counts, ...grid.patchShape, grid.channels])
    .permute(inverse)
    .reshape([B, ...grid.sizes, grid.channels]);
}

/**
 * Each axis as (patches, voxels of a patch), and the order that puts all patches before all voxels:
 * for axes Z Y X, [B Z z Y y X x C] becomes [B Z Y X z y x C].
 */
function patchOrder({ counts, patchShape }: TokenGrid) {
  const numAxes = counts.length;
  const patches = counts.map((_, a) => 1 + 2 * a);
  const voxels = counts.map((_, a) => 2 + 2 * a);
  return {
    split: counts.flatMap((count, a) => [count, patchShape[a] ?? 1]),
    order: [0, ...patches, ...voxels, 2 * numAxes + 1],
  };
}
