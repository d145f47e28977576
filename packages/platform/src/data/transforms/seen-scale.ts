import type { TransformConfig } from "../../config/index.ts";
import type { ZYX } from "../structures/boxes.ts";

/**
 * Voxels as read that one of what the model sees covers, along Z Y X, once samples of `size` have gone
 * through the transforms; 1 where they are cropped. Null where it is drawn for each sample or batch.
 */
export function seenScale(transforms: readonly TransformConfig[], size: ZYX): ZYX | null {
  let now: Seen | null = { size, scale: [1, 1, 1] };
  for (const transform of transforms) {
    now = after(transform, now);
    if (now === null) return null;
  }
  return now.scale;
}

interface Seen {
  readonly size: ZYX;
  readonly scale: ZYX;
}

function after(transform: TransformConfig, before: Seen): Seen | null {
  const { size, scale } = before;
  switch (transform.kind) {
    case "crop": {
      const isResized = (transform.mode_probs?.crop_resize ?? 0) > 0;
      return isResized ? null : { size: transform.target_spatial_shape, scale };
    }
    case "resize": {
      const [first, second, third] = transform.target_spatial_shape;
      const isFixed = typeof first === "number" || `${first}` === `${second}`;
      if (!isFixed) return null;
      const target =
        typeof first === "number" ? ([first, second as number, third as number] as const) : first;
      const along = (axis: 0 | 1 | 2) => (scale[axis] * size[axis]) / target[axis];
      return { size: target, scale: [along(0), along(1), along(2)] };
    }
    case "probabilistic_choice": {
      const likely = transform.transforms.filter((_, i) => transform.probs[i] !== 0);
      const [one = null, ...others] = likely.map((each) => after(each, before));
      return others.every((other) => JSON.stringify(other) === JSON.stringify(one)) ? one : null;
    }
    default:
      return before;
  }
}
