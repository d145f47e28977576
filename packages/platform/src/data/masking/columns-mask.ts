import { MaskError } from "./mask-error.ts";
import { checkGrid, type MaskGrid, numTokensOf } from "./mask-grid.ts";
import type { MaskPlan } from "./mask-plan.ts";

/**
 * A plan that looks at some axes only: what it hides, it hides along all the others. Over Z Y X that
 * is tubes through time, over T it is whole frames.
 *
 * Where a sample has more to hide than its batch hides, one column, drawn at random, is hidden in
 * part.
 */
export function columnsMask(axes: readonly string[], plan: MaskPlan): MaskPlan {
  return {
    quota(grid) {
      const reduced = reducedGrid(grid, axes);
      return plan.quota(reduced) * (numTokensOf(grid) / numTokensOf(reduced));
    },
    draw(grid, numHidden, rng) {
      const reduced = reducedGrid(grid, axes);
      const height = numTokensOf(grid) / numTokensOf(reduced);
      const numColumns = Math.ceil(numHidden / height);
      const columns = plan.draw(reduced, numColumns, rng);
      const columnOf = columnNumbers(grid, reduced);
      const flags = new Uint8Array(columnOf.length);
      for (let n = 0; n < flags.length; n++) flags[n] = columns[columnOf[n] as number] as number;
      const surplus = numColumns * height - numHidden;
      if (surplus > 0) {
        const hidden = [...columns.keys()].filter((column) => columns[column] === 1);
        const open = hidden[rng.integer(0, hidden.length)];
        const tokens = [...flags.keys()].filter((n) => columnOf[n] === open);
        for (const i of rng.sample(tokens.length, surplus)) flags[tokens[i] ?? 0] = 0;
      }
      return flags;
    },
  };
}

function reducedGrid(grid: MaskGrid, axes: readonly string[]): MaskGrid {
  const places = grid.axes.flatMap((name, a) => (axes.includes(name) ? [a] : []));
  if (places.length === 0) {
    const wanted = axes.join(" ");
    throw new MaskError(
      `the mode hides along ${wanted}, and the axes are ${grid.axes.join(" ")}`,
      "Set a mode that those axes have (datasets.masking.mask_mode), or read others (dataset_layout_order).",
    );
  }
  const reduced = {
    axes: places.map((a) => grid.axes[a] ?? ""),
    counts: places.map((a) => grid.counts[a] ?? 1),
  };
  checkGrid(reduced, "a mode that looks at a grid");
  return reduced;
}

/** Which token of the reduced grid each token of the grid belongs to. */
function columnNumbers(grid: MaskGrid, reduced: MaskGrid): Int32Array {
  let numbers = Int32Array.of(0);
  for (const [a, count] of grid.counts.entries()) {
    const isKept = reduced.axes.includes(grid.axes[a] ?? "");
    const next = new Int32Array(numbers.length * count);
    let at = 0;
    for (const outer of numbers) {
      const first = isKept ? outer * count : outer;
      for (let c = 0; c < count; c++) next[at++] = isKept ? first + c : first;
    }
    numbers = next;
  }
  return numbers;
}
