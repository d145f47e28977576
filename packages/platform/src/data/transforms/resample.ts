import { op, Tensor } from "@cell-observatory/engine";
import type { ZYX } from "../structures/boxes.ts";
import { type InterpolateOptions, interpolate } from "./interpolate.ts";
import type { VoxelKind } from "./rows.ts";

/**
 * Voxels of one kind to other sizes, so that all kinds stay in one place.
 *
 * @param valid - as {@link resampleMeasured}.
 */
export function resampleKind(
  kind: VoxelKind,
  x: Tensor,
  {
    valid,
    size,
    ...options
  }: InterpolateOptions & { readonly valid: Tensor | null; readonly size: ZYX },
): Tensor {
  switch (kind) {
    case "image":
      return resampleMeasured(x, valid, size, options);
    case "labels":
      return resampleLabels(x, size, options);
    case "valid":
      return resample(x, size, { mode: "nearest" });
    default:
      return kind satisfies never;
  }
}

/**
 * Resamples an image [B T Z Y X C] from what was measured alone: voxels that were not weigh nothing, and the
 * rest weighs as much more (normalised convolution), so that padding darkens no voxel beside it.
 * Where the first voxel that one covers was not measured, the result is 0: it is not valid either.
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
  // Few voxels of many touch some that the first one, by which they are valid, is not among.
  const isTouched = op("aten::gt.Scalar")(weight, 0);
  const first = resample(x, size, { mode: "nearest" });
  const values = op("aten::where.self")(isTouched, sum.div(weight), first);
  return values.mul(resample(known, size, { mode: "nearest" }));
}

/**
 * Labels [B T Z Y X] to other sizes: each voxel has the label of the one that lies nearest to where the
 * image is taken from. (PyTorch's `nearest` takes the first voxel of those that one covers: labels would
 * lie beside a trilinear image, by 1.5 voxels where four become one.)
 */
export function resampleLabels(labels: Tensor, size: ZYX, options: InterpolateOptions): Tensor {
  return flattened(labels, size, (volume) => pick(volume, size, labelPlaces(options)));
}

/** [B T Z Y X] or [B T Z Y X C] to other sizes of space; what is not floating by `nearest` alone. */
export function resample(x: Tensor, size: ZYX, options: InterpolateOptions): Tensor {
  return flattened(x, size, (volume) =>
    options.mode === "nearest"
      ? pick(volume, size, firstPlace)
      : interpolate(volume, size, { ...options, mode: options.mode }),
  );
}

function flattened(x: Tensor, size: ZYX, change: (volume_NZYXC: Tensor) => Tensor): Tensor {
  const [B = 0, T = 0, Z = 0, Y = 0, X = 0, C] = x.shape;
  const out = change(x.reshape([B * T, Z, Y, X, C ?? 1]));
  return out.reshape([B, T, ...size, ...(C === undefined ? [] : [C])]);
}

/** Which of `from` voxels of an axis each of `to` voxels is. */
type Places = (index: number, from: number, to: number) => number;

/** In whole numbers: PyTorch's are float32's, and in 631 of 200 x 200 sizes those miss one. */
const firstPlace: Places = (i, from, to) => Math.floor((i * from) / to);

function labelPlaces({ mode, alignCorners = false }: InterpolateOptions): Places {
  if (mode === "nearest") return firstPlace;
  if (mode === "trilinear" && alignCorners) {
    return (i, from, to) => (to === 1 ? 0 : Math.round((i * (from - 1)) / (to - 1)));
  }
  return (i, from, to) => Math.floor(((2 * i + 1) * from) / (2 * to));
}

/** By whole voxels, of any dtype: `interpolate` knows floating ones only, and ids need all bits. */
function pick(volume: Tensor, size: ZYX, placeOf: Places): Tensor {
  return size.reduce((x, to, a) => {
    const from = x.shape[a + 1] ?? 1;
    if (from === to) return x;
    const places = BigInt64Array.from({ length: to }, (_, i) => BigInt(placeOf(i, from, to)));
    return x.indexSelect(a + 1, Tensor.from(places, { device: x.device }));
  }, volume);
}
