import type { BoxFormat, SampleTargets } from "../batch.ts";
import type { Origin } from "../sample.ts";
import { convertBoxes, scaleBoxes } from "./boxes.ts";

/** The same objects with `zyxzyx` boxes in voxels. */
export function inCorners(objects: SampleTargets, validSize: Origin): SampleTargets {
  return inFormat(objects, { format: "zyxzyx", isNormalized: false, validSize });
}

/** The same objects with boxes in a format, in voxels or as parts of the valid size. */
export function inFormat(
  objects: SampleTargets,
  {
    format,
    isNormalized,
    validSize: [, z, y, x],
  }: { readonly format: BoxFormat; readonly isNormalized: boolean; readonly validSize: Origin },
): SampleTargets {
  const { boxFormat, isNormalized: wasNormalized } = objects;
  const factors = isNormalized ? ([1 / z, 1 / y, 1 / x] as const) : ([z, y, x] as const);
  const converted = convertBoxes(objects.boxes, boxFormat, format);
  const isSame = isNormalized === wasNormalized;
  const boxes = isSame ? converted : scaleBoxes(converted, format, factors);
  return { ...objects, boxes, boxFormat: format, isNormalized };
}
