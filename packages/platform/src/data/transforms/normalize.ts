import { op, type Tensor } from "@cell-observatory/engine";

/** What is made of counts before a model sees them. */
export type Normalize = (video_BTZYXC: Tensor) => Tensor;

/**
 * Brings every sample and channel to mean 0 and deviation 1 over its voxels; the deviation
 * (unbiased) is at least `eps`, in counts.
 */
export function zScore({ eps }: { readonly eps: number }): Normalize {
  return (video_BTZYXC) => {
    const { B, T, Z, Y, X, C } = video_BTZYXC.sizes("B T Z Y X C");
    const voxels_BVC = video_BTZYXC.reshape([B, T * Z * Y * X, C]);
    const mean_B1C = voxels_BVC.mean(1, true);
    const deviation_B1C = voxels_BVC.std(1, true).clamp(eps);
    return voxels_BVC.sub(mean_B1C).div(deviation_B1C).reshape([B, T, Z, Y, X, C]);
  };
}

/**
 * Maps the counts at two percentiles of every sample and channel to 0 and 1; what is below or above
 * goes on beyond. The range is at least `eps`, in counts.
 *
 * The percentiles are those of every n-th voxel, so that at most 2^18 are sorted for each channel.
 */
export function percentiles({
  low,
  high,
  eps,
}: {
  readonly low: number;
  readonly high: number;
  readonly eps: number;
}): Normalize {
  return (video_BTZYXC) => {
    const { B, T, Z, Y, X, C } = video_BTZYXC.sizes("B T Z Y X C");
    const numVoxels = T * Z * Y * X;
    const voxels_BVC = video_BTZYXC.reshape([B, numVoxels, C]);
    const step = Math.ceil(numVoxels / 2 ** 18);
    const some_BVC = op("aten::slice.Tensor")(voxels_BVC, 1, 0, numVoxels, step);
    const [sorted_BVC] = op("aten::sort")(some_BVC, 1, false);
    const last = Math.ceil(numVoxels / step) - 1;
    const at = (percent: number) => sorted_BVC.narrow(1, Math.round((percent / 100) * last), 1);
    const low_B1C = at(low);
    const range_B1C = at(high).sub(low_B1C).clamp(eps);
    return voxels_BVC.sub(low_B1C).div(range_B1C).reshape([B, T, Z, Y, X, C]);
  };
}
