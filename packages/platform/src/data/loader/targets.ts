import type { BoxFormat, SampleTargets } from "../batch.ts";
import type { Origin } from "../sample.ts";
import { convertBoxes, scaleBoxes } from "../structures/boxes.ts";
import { labelObjects } from "../structures/label-objects.ts";

export interface TargetOptions {
  readonly boxFormat: BoxFormat;
  /** True: boxes are parts of the sample's valid sizes. */
  readonly isNormalized: boolean;
  readonly validSize: Origin;
  readonly classOf: (id: number) => number;
}

/** The instances of a sample's label map, [T Z Y X], with their classes and boxes. */
export function findTargets(
  labels: Int32Array,
  shape: Origin,
  { boxFormat, isNormalized, validSize, classOf }: TargetOptions,
): SampleTargets {
  const { ids, boxes, isPresent } = labelObjects(labels, shape);
  const [, z, y, x] = validSize;
  const scaled = isNormalized ? scaleBoxes(boxes, "zyxzyx", [1 / z, 1 / y, 1 / x]) : boxes;
  return {
    ids,
    labels: ids.map(classOf),
    boxes: convertBoxes(scaled, "zyxzyx", boxFormat),
    isPresent,
    boxFormat,
    isNormalized,
  };
}
