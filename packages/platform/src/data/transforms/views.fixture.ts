import type { Tensor } from "@cell-observatory/engine";
import type { SampleTargets } from "../batch.ts";
import type { Views } from "./views.ts";

/** An image without anything beside it, all of it measured. */
export function viewsOf(image: Tensor, more: Partial<Views> = {}): Views {
  const [B = 0, T = 1, Z = 1, Y = 1, X = 1] = image.shape;
  return {
    image,
    clean: null,
    labels: null,
    valid: null,
    validSizes: Array.from({ length: B }, () => [T, Z, Y, X] as const),
    objects: null,
    ...more,
  };
}

/** Boxes of one frame, as `zyxzyx` in voxels; ids count from 1, classes from 10. */
export function objectsOf(...boxes: readonly (readonly number[])[]): SampleTargets {
  return {
    ids: Int32Array.from(boxes, (_, i) => i + 1),
    labels: Int32Array.from(boxes, (_, i) => i + 10),
    boxes: Float32Array.from(boxes.flat()),
    isPresent: new Uint8Array(boxes.length).fill(1),
    boxFormat: "zyxzyx",
    isNormalized: false,
  };
}

export function equal(a: Tensor, b: Tensor): boolean {
  return a.shape.join() === b.shape.join() && Number(a.sub(b).abs().amax().item()) === 0;
}
