import { op, Tensor } from "@cell-observatory/engine";

type Size = readonly [z: number, y: number, x: number];

export interface InterpolateOptions {
  readonly mode: "trilinear" | "nearest" | "area";
  /** True: the outermost voxel centres stay where they are; false: the outermost edges do. */
  readonly alignCorners?: boolean;
}

/**
 * Resamples a volume [N Z Y X C] to other sizes, as `torch.nn.functional.interpolate` does.
 *
 * Trilinear is linear along z after bilinear in the planes, or before it where that leaves fewer
 * planes; PyTorch's own kernel weighs all eight neighbours at once, and takes twice as long.
 */
export function interpolate(
  volume: Tensor,
  size: Size,
  options: InterpolateOptions & { readonly mode: "trilinear" | "area" },
): Tensor {
  const { N, Z, Y, X, C } = volume.sizes("N Z Y X C");
  const [z, y, x] = size;
  if (Z === z && Y === y && X === x) return volume;
  if (options.mode === "area") {
    const channelsFirst = volume.permute([0, 4, 1, 2, 3]);
    return channelsFirst.interpolate({ size, mode: "area" }).permute([0, 2, 3, 4, 1]);
  }
  const isAligned = options.alignCorners ?? false;
  const planes = (v: Tensor) => {
    if (Y === y && X === x) return v;
    const flat_PCYX = v.reshape([-1, Y, X, C]).permute([0, 3, 1, 2]);
    const out = op("aten::upsample_bilinear2d.vec")(flat_PCYX, [y, x], isAligned, undefined);
    return out.permute([0, 2, 3, 1]).reshape([N, -1, y, x, C]);
  };
  return z < Z ? planes(alongZ(volume, z, isAligned)) : alongZ(planes(volume), z, isAligned);
}

/** Linear along z: each plane of the result is between two of the input. */
function alongZ(volume: Tensor, size: number, isAligned: boolean): Tensor {
  const { N, Z, Y, X, C } = volume.sizes("N Z Y X C");
  if (Z === size) return volume;
  const out = Tensor.empty([N, size, Y, X, C], { dtype: volume.dtype, device: volume.device });
  for (let z = 0; z < size; z++) {
    const at = placeOf(z, { from: Z, to: size, isAligned });
    const below = Math.min(Math.floor(at), Z - 1);
    const above = Math.min(below + 1, Z - 1);
    const [low, high, into] = [volume.select(1, below), volume.select(1, above), out.select(1, z)];
    op("aten::lerp.Scalar_out")(low, high, at - below, into);
    for (const plane of [low, high, into]) plane.release();
  }
  return out;
}

/** Where the centre of a voxel of the result lies among the centres of the input. */
function placeOf(
  index: number,
  {
    from,
    to,
    isAligned,
  }: { readonly from: number; readonly to: number; readonly isAligned: boolean },
): number {
  if (isAligned) return to === 1 ? 0 : (index * (from - 1)) / (to - 1);
  return Math.max(0, ((index + 0.5) * from) / to - 0.5);
}
