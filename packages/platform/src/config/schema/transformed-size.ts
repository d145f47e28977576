import type { TransformConfig } from "./transforms.ts";

/** Voxels along Z Y X. */
type Size = readonly [z: number, y: number, x: number];

/**
 * The sizes that samples of `size` have after these transforms, in their order; null where they are
 * drawn, and differ from batch to batch.
 */
export function transformedSize(
  transforms: readonly TransformConfig[],
  size: Size | null,
): Size | null {
  return transforms.reduce((before, transform) => sizeAfter(transform, before), size);
}

function sizeAfter(transform: TransformConfig, size: Size | null): Size | null {
  switch (transform.kind) {
    case "crop": {
      const { target_spatial_shape: target, crop_dims } = transform;
      const along = (axis: 0 | 1 | 2) =>
        crop_dims.includes("ZYX"[axis] ?? "") ? target[axis] : (size?.[axis] ?? target[axis]);
      return [along(0), along(1), along(2)];
    }
    case "resize": {
      const [first, second, third] = transform.target_spatial_shape;
      if (typeof first === "number") return [first, second as number, third as number];
      return `${first}` === `${second}` ? first : null;
    }
    case "probabilistic_choice": {
      const { transforms, probs } = transform;
      const likely = transforms.filter((_, i) => probs[i] !== 0);
      const [one = null, ...others] = likely.map((each) => sizeAfter(each, size));
      return others.every((other) => `${other}` === `${one}`) ? one : null;
    }
    default:
      return size;
  }
}
