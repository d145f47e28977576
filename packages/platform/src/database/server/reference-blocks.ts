/** The blocks of the reference platform's tables. */
export interface Blocks {
  readonly num_timepoints: number;
  /** Edge of a cube, in voxels. */
  readonly edge: number;
}
