import { type HiddenGrid, isAsked, isSeen } from "./hidden-grid.ts";
import { visibleMean } from "./visible-mean.ts";

/**
 * What smooth interpolation makes of the visible voxels: hidden ones become the solution of Laplace's
 * equation between them, so that each is the mean of its neighbours along all axes.
 *
 * It has no free setting to favour it or not, uses every visible voxel on the border of a hidden
 * region, and does better than the nearest visible voxel. Solved by successive over-relaxation, from
 * the visible mean, until a sweep changes no voxel by more than 1e-5 of the visible range: a guess
 * that is not through would flatter what it is compared with. Voxels of the sample's border, and
 * beside what was not measured, have fewer neighbours.
 *
 * Source: Bertalmio et al. 2000 call it the harmonic case of inpainting; Young 1954 for the solver.
 */
export function interpolate(grid: HiddenGrid, { mostSweeps = 5000, overRelaxation = 1.8 } = {}) {
  const guess = visibleMean(grid);
  const { places, neighbours, degrees } = neighbourhood(grid);
  const width = 2 * grid.sizes.length;
  const enough = smallestChange(grid);
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let largest = 0;
    for (let k = 0; k < places.length; k++) {
      const place = places[k] ?? 0;
      if (degrees[k] === 0) continue; // nothing around it was measured
      let sum = 0;
      for (let j = k * width; j < (k + 1) * width; j++) {
        const neighbour = neighbours[j] ?? -1;
        if (neighbour >= 0) sum += guess[neighbour] ?? 0;
      }
      const old = guess[place] ?? 0;
      const change = overRelaxation * (sum / (degrees[k] ?? 1) - old);
      guess[place] = old + change;
      largest = Math.max(largest, Math.abs(change));
    }
    if (largest <= enough) break;
  }
  return guess;
}

/** 1e-5 of the range of what is visible, but no less than float32 can tell apart. */
function smallestChange(grid: HiddenGrid): number {
  const { voxels } = grid;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < voxels.length; i++) {
    if (!isSeen(grid, i)) continue;
    low = Math.min(low, voxels[i] ?? low);
    high = Math.max(high, voxels[i] ?? high);
  }
  if (high < low) return 0;
  return Math.max(1e-5 * (high - low), 1e-6 * Math.max(Math.abs(low), Math.abs(high)));
}

/** The voxels that are asked for, and the indices of each one's neighbours, -1 where there is none. */
function neighbourhood(grid: HiddenGrid) {
  const { isMeasured, sizes } = grid;
  const places = Int32Array.from([...grid.voxels.keys()].filter((i) => isAsked(grid, i)));
  const width = 2 * sizes.length;
  const neighbours = new Int32Array(places.length * width).fill(-1);
  const degrees = new Uint8Array(places.length);
  let stride = grid.voxels.length;
  sizes.forEach((size, axis) => {
    stride /= size;
    places.forEach((place, k) => {
      const at = Math.floor(place / stride) % size;
      const link = (neighbour: number, side: 0 | 1) => {
        if (isMeasured?.[neighbour] === 0) return;
        neighbours[k * width + 2 * axis + side] = neighbour;
        degrees[k] = (degrees[k] ?? 0) + 1;
      };
      if (at > 0) link(place - stride, 0);
      if (at < size - 1) link(place + stride, 1);
    });
  });
  return { places, neighbours, degrees };
}
