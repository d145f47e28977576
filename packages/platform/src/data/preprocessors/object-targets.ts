import { type Device, Tensor } from "@cell-observatory/engine";
import type { BoxFormat, SampleTargets } from "../batch.ts";
import type { Origin } from "../sample.ts";
import { inFormat } from "../structures/corners.ts";
import { labelObjects } from "../structures/label-objects.ts";
import type { ObjectTargets } from "./task-batch.ts";

export interface ObjectTargetOptions {
  readonly format: BoxFormat;
  /** True: boxes are parts of the sample's valid sizes. */
  readonly isNormalized: boolean;
  readonly hasMasks: boolean;
  readonly device: Device;
}

/**
 * Boxes, ids, classes and masks of one sample, as tensors.
 *
 * @param objects - `zyxzyx` in voxels.
 * @param label_map - [T Z Y X] int32; null: boxes are all there is.
 */
export function objectTargets(
  objects: SampleTargets,
  label_map: Tensor | null,
  validSize: Origin,
  { format, isNormalized, hasMasks, device }: ObjectTargetOptions,
): ObjectTargets {
  const { ids, labels, boxes, isPresent } = inFormat(objects, { format, isNormalized, validSize });
  const N = ids.length;
  const T = label_map?.shape[0] ?? (N === 0 ? 1 : isPresent.length / N);
  const mask_ids = Tensor.from(BigInt64Array.from(ids, BigInt), { device });
  return {
    boxes: Tensor.from(boxes, { shape: [T, N, 6], device }),
    isPresent: Tensor.from(isPresent, { shape: [T, N], device }).ne(0),
    mask_ids,
    labels: Tensor.from(BigInt64Array.from(labels, BigInt), { device }),
    label_map,
    masks: hasMasks && label_map !== null ? binaryMasks(label_map, mask_ids) : null,
  };
}

/** [N T Z Y X] uint8: where the label map has each id. */
function binaryMasks(label_map: Tensor, ids: Tensor): Tensor {
  const [N = 0] = ids.shape;
  return label_map
    .unsqueeze(0)
    .eq(ids.reshape([N, 1, 1, 1, 1]))
    .to({ dtype: "uint8" });
}

/**
 * The objects of a label map that was moved: tight boxes, which the moved corners of a cut object are
 * not. Classes stay with their ids.
 *
 * @param label_map - [T Z Y X] int32.
 */
export function objectsOf(label_map: Tensor, before: SampleTargets): SampleTargets {
  const { T, Z, Y, X } = label_map.sizes("T Z Y X");
  const found = labelObjects(label_map.data() as Int32Array, [T, Z, Y, X]);
  const classes = new Map(Array.from(before.ids, (id, n) => [id, before.labels[n] ?? 0] as const));
  const labels = found.ids.map((id) => classes.get(id) ?? 0);
  return { ...found, labels, boxFormat: "zyxzyx", isNormalized: false };
}
