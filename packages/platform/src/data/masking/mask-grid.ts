import { MaskError } from "./mask-error.ts";

/** The tokens of a sample, in row-major order of its axes; a `TokenGrid` of `nn` is one. */
export interface MaskGrid {
  /** Names of the axes, slowest first, of T, Z, Y and X. */
  readonly axes: readonly string[];
  /** Tokens along each axis. */
  readonly counts: readonly number[];
}

export function numTokensOf({ counts }: Pick<MaskGrid, "counts">): number {
  return counts.reduce((product, count) => product * count, 1);
}

/** @throws {@link MaskError} when there are not two tokens, one to see and one to predict. */
export function checkGrid(grid: MaskGrid, what: string): void {
  if (numTokensOf(grid) >= 2) return;
  const sizes = grid.counts.map((count, a) => `${grid.axes[a]}=${count}`).join(" ");
  throw new MaskError(`expected at least 2 tokens to mask, got ${what} of ${sizes}`);
}

/**
 * The grid of the tokens that have a voxel of the image: padding begins behind `validSizes`.
 *
 * @param validSizes - voxels of the image along T Z Y X.
 * @param patchShape - voxels of a token along the axes of the grid.
 */
export function validGrid(
  grid: MaskGrid,
  patchShape: readonly number[],
  validSizes: readonly [t: number, z: number, y: number, x: number],
): MaskGrid {
  const { axes, counts } = grid;
  const valid = counts.map((count, a) => {
    const size = validSizes["TZYX".indexOf(axes[a] ?? "")] ?? 1;
    return Math.min(count, Math.ceil(size / (patchShape[a] ?? 1)));
  });
  return valid.every((count, a) => count === counts[a]) ? grid : { axes, counts: valid };
}

/** Writes flags of a part of a grid, which begins at its first token, to those of the whole. */
export function spreadFlags(
  flags: Uint8Array,
  part: MaskGrid,
  whole: MaskGrid,
  out: Uint8Array,
): void {
  if (flags.length === out.length) {
    out.set(flags);
    return;
  }
  const run = part.counts.at(-1) ?? 1;
  for (let from = 0; from < flags.length; from += run) {
    let rest = from / run;
    let to = 0;
    let stride = whole.counts.at(-1) ?? 1;
    for (let a = whole.counts.length - 2; a >= 0; a--) {
      const count = part.counts[a] ?? 1;
      to += (rest % count) * stride;
      rest = Math.floor(rest / count);
      stride *= whole.counts[a] ?? 1;
    }
    out.set(flags.subarray(from, from + run), to);
  }
}
