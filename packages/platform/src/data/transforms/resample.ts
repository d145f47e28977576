import { op, Tensor } from "@cell-observatory/engine";
import type { ZYX } from "../structures/boxes.ts";
import { type InterpolateOptions, interpolate } from "./interpolate.ts";

/**
 * Resamples [B T Z Y X C] from what was measured alone: voxels that were not weigh nothing, and the
 * rest weighs as much more (normalised convolution), so that padding darkens no voxel beside it.
 * Where the nearest voxel was not measured, the result is 0: it is not valid either.
 *
 * Source: Knutsson and Westin 1993, "Normalized and Differential Convolution".
 *
 * @param valid - of the same shape, 1 where a voxel was measured; null: all were.
 */
export function resampleMeasured(
  x: Tensor,
  valid: Tensor | null,
  size: ZYX,
  options: InterpolateOptions,
): Tensor {
  if (valid === null || options.mode === "nearest") return resample(x, size, options);
  const known = valid.to({ dtype: x.dtype });
  const sum = resample(x.mul(known), size, options);
  const weight = resample(known, size, options);
  // Whole weights are not divided by: a row without padding is as it would be in another batch.
  op("aten::masked_fill_.Scalar")(weight, op("aten::gt.Scalar")(weight, 1 - 1e-6), 1);
  // Few voxels of many touch some that the nearest one, by which they are valid, is not among.
  const isTouched = op("aten::gt.Scalar")(weight, 0);
  const nearest = resample(x, size, { mode: "nearest" });
  const values = op("aten::where.self")(isTouched, sum.div(weight), nearest);
  return values.mul(resample(known, size, { mode: "nearest" }));
}

/** [B T Z Y X] or [B T Z Y X C] to other sizes of space. */
export function resample(x: Tensor, size: ZYX, options: InterpolateOptions): Tensor {
  const [B = 0, T = 0, Z = 0, Y = 0, X = 0, C] = x.shape;
  const volume = x.reshape([B * T, Z, Y, X, C ?? 1]);
  const isWhole = x.dtype === "int32" || x.dtype === "uint8";
  const out = isWhole ? nearest(volume, size) : interpolate(volume, size, options);
  return out.reshape([B, T, ...size, ...(C === undefined ? [] : [C])]);
}

/** By whole voxels, of any dtype: `interpolate` knows floating ones only, and ids need all bits. */
function nearest(volume: Tensor, size: ZYX): Tensor {
  return size.reduce((x, to, a) => {
    const from = x.shape[a + 1] ?? 1;
    if (from === to) return x;
    const places = BigInt64Array.from({ length: to }, (_, i) =>
      BigInt(Math.floor((i * from) / to)),
    );
    return x.indexSelect(a + 1, Tensor.from(places, { device: x.device }));
  }, volume);
}
