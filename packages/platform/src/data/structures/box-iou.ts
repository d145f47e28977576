import { op, type Tensor, where } from "@cell-observatory/engine";

/** How much boxes overlap, and how much of the hull around both is theirs. */
interface Overlap {
  readonly iou: Tensor;
  readonly giou: Tensor;
}

/**
 * IoU and generalised IoU of each box of `a` with each of `b`: [N M].
 *
 * GIoU is IoU - (hull - union) / hull, from -1 to 1. A union or a hull without volume counts as no
 * overlap and as an empty gap, so that degenerate boxes give a number: IoU 0 and a GIoU of 0 or less.
 *
 * @param a - [N 6] corners, `zyxzyx` or `xyzxyz`, the same for both.
 * @param b - [M 6]
 *
 * Source: Rezatofighi et al. 2019, "Generalized Intersection over Union", algorithm 1, in 3-D. The
 * reference platform divides by volumes that may be 0.
 */
export function pairwiseIou(a: Tensor, b: Tensor): Overlap {
  a.sizes("N 6");
  b.sizes("M 6");
  return overlap(a.unsqueeze(1), b.unsqueeze(0));
}

/** As {@link pairwiseIou}, of each box with the one at the same place: [N]. */
export function matchedIou(a: Tensor, b: Tensor): Overlap {
  const { N } = a.sizes("N 6");
  b.sizes("N 6", { N });
  return overlap(a, b);
}

/** Corners with axes that broadcast. Volumes are in float32 at least: half floats end at 65504. */
function overlap(a: Tensor, b: Tensor): Overlap {
  const [a0, a1] = corners(a);
  const [b0, b1] = corners(b);
  const volume = (from: Tensor, to: Tensor) => op("aten::prod.dim_int")(to.sub(from).clamp(0), -1);
  const shared = volume(a0.maximum(b0), a1.minimum(b1));
  const union = volume(a0, a1).add(volume(b0, b1)).sub(shared);
  const hull = volume(a0.minimum(b0), a1.maximum(b1));
  const iou = part(shared, union);
  return { iou, giou: iou.sub(part(hull.sub(union), hull)) };
}

function corners(boxes: Tensor): readonly [minimum: Tensor, maximum: Tensor] {
  const wide = boxes.dtype === "float64" ? boxes : boxes.to({ dtype: "float32" });
  return [wide.narrow(-1, 0, 3), wide.narrow(-1, 3, 3)];
}

/** x / whole, and 0 where there is no whole; the gradient there is 0, not NaN. */
function part(x: Tensor, whole: Tensor): Tensor {
  const isThere = whole.gt(0);
  return where(isThere, x, x.mul(0)).div(where(isThere, whole, whole.mul(0).add(1)));
}
