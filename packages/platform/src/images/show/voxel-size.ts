import type { VoxelSize } from "../../picture/index.ts";

/** The edges of a voxel as a picture or a volume has them; 1 voxel where an image does not say. */
export function voxelSizeOf([z, y, x]: readonly (number | null)[]): VoxelSize {
  if (!z || !y || !x) return { zyx: [1, 1, 1], unit: "voxel" };
  return { zyx: [z, y, x], unit: "micrometre" };
}
