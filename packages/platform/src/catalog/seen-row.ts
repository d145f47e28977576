import type { SampleTargets } from "../data/index.ts";

/** What a preprocessor made of a row, off the device; what its task does not have is null. */
export interface SeenRow {
  /** [...axes of the layout], channels last, as are all images here. */
  readonly video: Float32Array;
  /** The image to predict. */
  readonly target: Float32Array | null;
  /** Numbers of the hidden tokens; null: the task hides none. */
  readonly hidden: readonly number[] | null;
  /** [T Z Y X]: ids of instances once transformed, or classes. */
  readonly labels: ArrayLike<number> | null;
  /** What `labels` are. */
  readonly whatLabels: "instances" | "classes";
  /** What is to be found; boxes are `zyxzyx`, in voxels of what the model sees. */
  readonly objects: Boxed | null;
}

/** What is to be found, and where. */
export type Boxed = Pick<SampleTargets, "ids" | "boxes" | "isPresent">;
