import type { HiddenGrid } from "./hidden-grid.ts";
import { visibleMean } from "./visible-mean.ts";

/**
 * What smooth interpolation makes of the visible voxels: hidden ones become the solution of Laplace's
 * equation between them, so that each is the mean of its neighbours along all axes.
 *
 * It has no free setting to favour it or not, uses every visible voxel on the border of a hidden
 * region, and does better than the nearest visible voxel. Solved by successive over-relaxation, from
 * the visible mean, until a sweep changes no voxel by more than 1e-5 of the visible range: a guess
 * that is not through would flatter what it is compared with. Voxels of the sample's border have
 * fewer neighbours.
 *
 * Source: Bertalmio et al. 2000 call it the harmonic case of inpainting; Young 1954 for the solver.
 */
export function interpolate(grid: HiddenGrid, { mostSweeps = 5000, overRelaxation = 1.8 } = {}) {
  const { isHidden, sizes } = grid;
  const guess = visibleMean(grid);
  const { places, neighbours, degrees } = neighbourhood(isHidden, sizes);
  const width = 2 * sizes.length;
  const enough = smallestChange(grid);
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let largest = 0;
    for (let k = 0; k < places.length; k++) {
      const place = places[k] ?? 0;
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
function smallestChange({ voxels, isHidden }: HiddenGrid): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < voxels.length; i++) {
    if (isHidden[i] !== 0) continue;
    low = Math.min(low, voxels[i] ?? low);
    high = Math.max(high, voxels[i] ?? high);
  }
  return Math.max(1e-5 * (high - low), 1e-6 * Math.max(Math.abs(low), Math.abs(high)));
}

/** The hidden voxels, and for each the indices of its neighbours, -1 where the sample ends. */
function neighbourhood(isHidden: Uint8Array, sizes: readonly number[]) {
  const places = Int32Array.from([...isHidden.keys()].filter((i) => isHidden[i] !== 0));
  const width = 2 * sizes.length;
  const neighbours = new Int32Array(places.length * width).fill(-1);
  const degrees = new Uint8Array(places.length);
  let stride = isHidden.length;
  sizes.forEach((size, axis) => {
    stride /= size;
    places.forEach((place, k) => {
      const at = Math.floor(place / stride) % size;
      if (at > 0) neighbours[k * width + 2 * axis] = place - stride;
      if (at < size - 1) neighbours[k * width + 2 * axis + 1] = place + stride;
      degrees[k] = (degrees[k] ?? 0) + Number(at > 0) + Number(at < size - 1);
    });
  });
  return { places, neighbours, degrees };
}
