import { op, type Tensor } from "@cell-observatory/engine";
import { meanAndDeviation } from "./mean-and-deviation.ts";
import { countQuantiles } from "./quantiles.ts";
import { sizesOf, type Transform, type Views } from "./views.ts";

/** What is taken from the voxels of a row and channel, and what they are divided by: [B 1 C]. */
interface Range {
  readonly zero: Tensor;
  readonly unit: Tensor;
}

/**
 * Brings every sample and channel to mean 0 and deviation 1 over the voxels that were measured; the
 * deviation (unbiased) is at least `eps`, in counts.
 */
export function zScore(name: string, { eps }: { readonly eps: number }): Transform {
  return {
    name,
    apply: (views) => {
      const { mean, deviation } = meanAndDeviation(flat(views.image), flatValid(views));
      return normalized(views, { zero: mean, unit: deviation.clamp(eps) });
    },
  };
}

/**
 * Maps the counts at two percentiles of every sample and channel to 0 and 1; what is below or above
 * goes on beyond. The range is at least `eps`, in counts. The percentiles are exact: linear between
 * the two nearest ranks, as `numpy.percentile`, over the voxels that were measured.
 */
export function percentiles(
  name: string,
  { low, high, eps }: { readonly low: number; readonly high: number; readonly eps: number },
): Transform {
  return {
    name,
    apply: (views) => {
      const [zero, top] = countQuantiles(flat(views.image), flatValid(views), [
        low / 100,
        high / 100,
      ]) as [Tensor, Tensor];
      return normalized(views, { zero, unit: top.sub(zero).clamp(eps) });
    },
  };
}

/** Image and clean image by the image's own range; padding becomes 0. */
function normalized(views: Views, { zero, unit }: Range): Views {
  const { image, clean, valid } = views;
  const scaled = (x: Tensor) => {
    const shape = x.shape;
    const out = flat(x).sub(zero).div_(unit).reshape(shape);
    return valid === null ? out : op("aten::mul_.Tensor")(out, valid);
  };
  const done = scaled(image);
  return { ...views, image: done, clean: clean === image ? done : clean && scaled(clean) };
}

function flat(x: Tensor): Tensor {
  const { B, T, Z, Y, X, C } = x.sizes("B T Z Y X C");
  return x.reshape([B, T * Z * Y * X, C]);
}

function flatValid(views: Views): Tensor | null {
  sizesOf(views);
  return views.valid && flat(views.valid);
}
