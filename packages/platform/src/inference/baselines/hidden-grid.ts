/** One channel of a sample, with the voxels that the model does not see. */
export interface HiddenGrid {
  readonly voxels: Float32Array;
  /** Not 0: hidden. */
  readonly isHidden: Uint8Array;
  /**
   * 0: padding, or a voxel that could not be read. It is neither seen nor asked for. Null: all
   * voxels were measured.
   */
  readonly isMeasured: Uint8Array | null;
  /** Voxels along each axis, slowest first; the last one is contiguous. */
  readonly sizes: readonly number[];
}

/** Voxels that are asked for: hidden, and measured. */
export function isAsked({ isHidden, isMeasured }: HiddenGrid, i: number): boolean {
  return isHidden[i] !== 0 && isMeasured?.[i] !== 0;
}

/** Voxels that a guess may be made of: seen, and measured. */
export function isSeen({ isHidden, isMeasured }: HiddenGrid, i: number): boolean {
  return isHidden[i] === 0 && isMeasured?.[i] !== 0;
}

/** The squared differences over the voxels that are asked for, summed in double precision. */
export function hiddenError(grid: HiddenGrid, guess: Float32Array): SquaredError {
  const { voxels } = grid;
  let [sum, count] = [0, 0];
  for (let i = 0; i < voxels.length; i++) {
    if (!isAsked(grid, i)) continue;
    sum += ((voxels[i] ?? 0) - (guess[i] ?? 0)) ** 2;
    count += 1;
  }
  return { sum, count };
}

export interface SquaredError {
  readonly sum: number;
  readonly count: number;
}
