import type { Tensor } from "@cell-observatory/engine";
import type { TokenMasks } from "./prepare.ts";

/** What a model that is trained for a task takes, on the device; what a task does not have is null. */
export interface TaskBatch {
  /** The model's input, [B ...axes of the layout], float32. */
  readonly video: Tensor;
  /** As the input's space, uint8: 1 where a voxel was measured; null where all were. */
  readonly valid: Tensor | null;
  /** Where the task hides tokens. */
  readonly masks: TokenMasks | null;
  /** The image to predict, [B ...axes of the layout]: channels, resolution, or without noise. */
  readonly target: Tensor | null;
  /** The same cut into patches, [B N P]. */
  readonly target_BNP: Tensor | null;
  /** The class of each voxel, [B ...axes but C] int64: 0 background, -1 ignored. */
  readonly classes: Tensor | null;
  /** What to find in each sample. */
  readonly objects: readonly ObjectTargets[] | null;
}

/** N instances of a sample over its T frames (1 in a volume). */
export interface ObjectTargets {
  /** [T N 6] in the format that the config asks for; zeros in a frame without the object. */
  readonly boxes: Tensor;
  /** [T N] bool: the object has voxels in the frame. */
  readonly isPresent: Tensor;
  /** [N] int64, as in the label map. */
  readonly mask_ids: Tensor;
  /** [N] int64: the class of each. */
  readonly labels: Tensor;
  /** [T Z Y X] int32: 0 background, -1 ignored; null where objects are boxes alone. */
  readonly label_map: Tensor | null;
  /** [N T Z Y X] uint8; null unless asked for: ids and label map say the same in less memory. */
  readonly masks: Tensor | null;
}

/** A batch of a task that has none of the targets; each task adds its own. */
export const noTargets = {
  masks: null,
  target: null,
  target_BNP: null,
  classes: null,
  objects: null,
} as const satisfies Partial<TaskBatch>;
