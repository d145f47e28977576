import type { TokenGrid } from "../nn/index.ts";

/** 1 where a voxel lies in a hidden patch, [T Z Y X]; axes that the grid lacks have size 1. */
export function hiddenVoxels(grid: TokenGrid, hidden: readonly number[]): Uint8Array {
  const { counts, sizes, patchShape } = grid;
  const isTokenHidden = new Uint8Array(grid.numTokens);
  for (const token of hidden) isTokenHidden[token] = 1;
  const flags = new Uint8Array(sizes.reduce((a, b) => a * b, 1));
  for (let i = 0; i < flags.length; i++) {
    let [rest, token, scale] = [i, 0, 1];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      const size = sizes[axis] ?? 1;
      token += Math.floor((rest % size) / (patchShape[axis] ?? 1)) * scale;
      scale *= counts[axis] ?? 1;
      rest = Math.floor(rest / size);
    }
    flags[i] = isTokenHidden[token] ?? 0;
  }
  return flags;
}
