/** One channel of a sample, with the voxels that the model does not see. */
export interface HiddenGrid {
  readonly voxels: Float32Array;
  /** Not 0: hidden. */
  readonly isHidden: Uint8Array;
  /** Voxels along each axis, slowest first; the last one is contiguous. */
  readonly sizes: readonly number[];
}

/** The mean squared difference over hidden voxels, summed in double precision. */
export function hiddenError({ voxels, isHidden }: HiddenGrid, guess: Float32Array): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < voxels.length; i++) {
    if (isHidden[i] === 0) continue;
    sum += ((voxels[i] ?? 0) - (guess[i] ?? 0)) ** 2;
    count += 1;
  }
  return sum / count;
}
