import { type HiddenGrid, isSeen } from "./hidden-grid.ts";

/** The simplest guess: every voxel that is not seen is the mean of those that are; 0 without any. */
export function visibleMean(grid: HiddenGrid): Float32Array {
  let [sum, count] = [0, 0];
  for (let i = 0; i < grid.voxels.length; i++) {
    if (!isSeen(grid, i)) continue;
    sum += grid.voxels[i] ?? 0;
    count += 1;
  }
  const mean = count === 0 ? 0 : sum / count;
  return grid.voxels.map((value, i) => (isSeen(grid, i) ? value : mean));
}
