import { scope, Tensor } from "@cell-observatory/engine";
import type { Origin } from "../sample.ts";
import type { Views } from "./views.ts";

/**
 * A tensor of B rows [rowShape], each filled by `fill` from the row before: [B T Z Y X ...] both.
 */
export function mapRows(
  x: Tensor,
  rowShape: readonly number[],
  fill: (from: Tensor, into: Tensor, b: number) => void,
): Tensor {
  const [B = 0] = x.shape;
  const out = Tensor.empty([B, ...rowShape], { dtype: x.dtype, device: x.device });
  for (let b = 0; b < B; b++) {
    scope(() => fill(x.select(0, b), out.select(0, b), b));
  }
  return out;
}

/** What the voxels of a tensor are: how they are resampled differs, where they go does not. */
export type VoxelKind = "image" | "labels" | "valid";

/** Every tensor of a batch through the same move of voxels; image, clean, labels, valid alike. */
export function moveAll(
  views: Views,
  move: (x: Tensor, kind: VoxelKind) => Tensor,
): Pick<Views, "image" | "clean" | "labels" | "valid"> {
  const image = move(views.image, "image");
  const { clean, labels, valid } = views;
  return {
    image,
    clean: clean === null || clean === views.image ? clean && image : move(clean, "image"),
    labels: labels && move(labels, "labels"),
    valid: valid && move(valid, "valid"),
  };
}

/** The part of a row [T Z Y X ...] that is not padding. */
export function validPart(row: Tensor, [t, z, y, x]: Origin): Tensor {
  return row.narrow(0, 0, t).narrow(1, 0, z).narrow(2, 0, y).narrow(3, 0, x);
}

/** Whether a row of these sizes has no padding. */
export function isFull(valid: Origin, sizes: readonly number[]): boolean {
  return valid.every((size, a) => size === sizes[a]);
}
