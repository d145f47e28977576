/** Voxels of one channel at one time, x fastest. */
export interface Volume<Voxels extends ArrayLike<number> = ArrayLike<number>> {
  readonly voxels: Voxels;
  readonly shape: readonly [Z: number, Y: number, X: number];
}

/** Edges of a voxel along z, y and x. Where an image does not say, a voxel is 1 voxel wide. */
export interface VoxelSize {
  readonly zyx: readonly [z: number, y: number, x: number];
  readonly unit: "micrometre" | "voxel";
}

/** A block of voxels, from its first corner to the one behind its last. */
export interface VoxelBox {
  readonly from: readonly [z: number, y: number, x: number];
  readonly to: readonly [z: number, y: number, x: number];
}
