import type { PictureBox } from "./annotations.ts";
import type { Window } from "./percentile-window.ts";
import type { Volume, VoxelBox, VoxelSize } from "./volume.ts";

export interface PictureColumn {
  readonly title: string;
  readonly volume: Volume;
  /** Voxels that are not 0 here are drawn as a flat grey. */
  readonly hidden?: Volume;
  /** Ids of instances, which are outlined; 0 is background. */
  readonly labels?: Volume;
  readonly boxes?: readonly PictureBox[];
  /** In place of the picture's, for a volume in other units. */
  readonly window?: Window;
  /** In place of the picture's, for a volume that was cropped or resized: in the same unit. */
  readonly voxelSize?: VoxelSize["zyx"];
  readonly centre?: readonly [z: number, y: number, x: number];
}

export interface PictureContent {
  readonly title: string;
  readonly columns: readonly PictureColumn[];
  readonly voxelSize: VoxelSize;
  /** The voxel that all three planes go through. */
  readonly centre: readonly [z: number, y: number, x: number];
  /** "maximum": the largest value along the third axis, in place of a plane. */
  readonly projection?: "none" | "maximum";
  /** A part of the volume that is outlined, such as what training did not see. */
  readonly outline?: VoxelBox;
  /** One window for all columns, so that they compare. */
  readonly window: Window;
  /** Lines under the slices. */
  readonly caption: readonly string[];
}
