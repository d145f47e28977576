/** Voxels of one channel at one time, x fastest. */
export interface Volume<Voxels extends ArrayLike<number> = ArrayLike<number>> {
  readonly voxels: Voxels;
  readonly shape: readonly [Z: number, Y: number, X: number];
}

/** Edge of one voxel along z, y and x, in micrometres. */
export type VoxelSizeUm = readonly [z: number, y: number, x: number];
