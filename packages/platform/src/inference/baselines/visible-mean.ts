import type { HiddenGrid } from "./hidden-grid.ts";

/** The simplest guess: every hidden voxel is the mean of the visible ones. */
export function visibleMean({ voxels, isHidden }: HiddenGrid): Float32Array {
  let [sum, count] = [0, 0];
  for (let i = 0; i < voxels.length; i++) {
    if (isHidden[i] !== 0) continue;
    sum += voxels[i] ?? 0;
    count += 1;
  }
  const mean = sum / count;
  return voxels.map((value, i) => (isHidden[i] === 0 ? value : mean));
}
