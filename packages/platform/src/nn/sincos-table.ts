import { cat, scope, Tensor } from "@cell-observatory/engine";
import type { TokenGrid } from "./token-grid.ts";

/**
 * Frozen positions of all tokens, [1 N D]: for each axis in the grid's order d/2 sines, then d/2
 * cosines, of position * temperature^(-2i/d), where d is the even share of the width that an axis
 * gets; channels that are left over are 0.
 *
 * Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.5, an axis at a time.
 */
export function sincosTable(grid: TokenGrid, width: number, temperature = 10000): Tensor {
  return scope(() => joinedAxes(grid, width, temperature));
}

function joinedAxes(grid: TokenGrid, width: number, temperature: number): Tensor {
  const numAxes = grid.counts.length;
  const half = Math.floor(width / (2 * numAxes));
  const perAxis = grid.counts.map((count, a) => {
    const waves = Array.from({ length: count }, (_, position) => {
      const phases = Array.from({ length: half }, (_, i) => position * temperature ** (-i / half));
      return [...phases.map(Math.sin), ...phases.map(Math.cos)];
    });
    const table = Tensor.from(Float32Array.from(waves.flat()), { shape: [count, 2 * half] });
    return table
      .reshape([...grid.counts.map((_, axis) => (axis === a ? count : 1)), 2 * half])
      .expand([...grid.counts, 2 * half]);
  });
  const rest = Tensor.zeros([...grid.counts, width - 2 * half * numAxes]);
  return cat([...perAxis, rest], -1).reshape([1, grid.numTokens, width]);
}
