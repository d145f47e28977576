import { keep, op, type Tensor } from "@cell-observatory/engine";
import type { ZYX } from "../structures/boxes.ts";
import { interpolate } from "./interpolate.ts";
import { TransformError } from "./transform-error.ts";
import { sizesOf, type Transform, type Views } from "./views.ts";

export interface ConvolvePsfOptions {
  /** [Z Y X], its centre at floor(size / 2) along each axis. */
  readonly psf: Tensor;
  /** What lies beyond the image's border: its mirror image, or nothing. */
  readonly padding: "reflect" | "zero";
  /** Edges of the PSF's voxels over those of the image's, along Z Y X. */
  readonly scale: ZYX;
}

/**
 * Blurs images as a microscope does: convolved with its point spread function, which is resampled to
 * the image's voxels, and divided by its sum. What comes out is not below 0; padding stays 0.
 *
 * Source: the reference platform's `ConvolveWithPSF`.
 */
export function convolvePsf(name: string, { psf, padding, scale }: ConvolvePsfOptions): Transform {
  const kernel = keep(kernelOf(psf, scale));
  const spectra = new Map<string, Tensor>();
  return {
    name,
    apply(views) {
      const { Z, Y, X } = sizesOf(views);
      const reach = kernel.shape as unknown as ZYX;
      checkReach([Z, Y, X], reach, padding);
      const fast = [Z, Y, X].map((n, a) => fastSize(n + (reach[a] ?? 1) - 1)) as unknown as ZYX;
      const key = `${fast} ${views.image.device}`;
      const spectrum = spectra.get(key) ?? keep(spectrumOf(kernel, fast, views));
      spectra.set(key, spectrum);
      const blur = (x: Tensor) =>
        masked(convolved(x, spectrum, { reach, fast, padding }), views.valid);
      const image = blur(views.image);
      const { clean } = views;
      return { ...views, image, clean: clean === views.image ? image : clean && blur(clean) };
    },
  };
}

function kernelOf(psf: Tensor, scale: ZYX): Tensor {
  const { Z, Y, X } = psf.sizes("Z Y X");
  const [z, y, x] = [Z, Y, X].map((n, a) => Math.max(1, Math.floor(n * (scale[a] ?? 1))));
  const size = [z ?? 1, y ?? 1, x ?? 1] as const;
  const volume = psf.to({ dtype: "float32" }).reshape([1, Z, Y, X, 1]);
  const resampled = interpolate(volume, size, { mode: "trilinear" }).reshape(size);
  return resampled.div(resampled.sum());
}

function checkReach(image: ZYX, reach: ZYX, padding: "reflect" | "zero"): void {
  if (padding === "zero" || reach.every((k, a) => Math.floor(k / 2) < (image[a] ?? 0))) return;
  const sizes = `it is ${reach.join(" x ")} of the image's voxels, and the image ${image.join(" x ")}`;
  throw new TransformError(
    `the point spread function reaches beyond the image's mirror image: ${sizes}`,
    "Set pad_type: zero, or cut the point spread function to its middle.",
  );
}

function spectrumOf(kernel: Tensor, fast: ZYX, { image }: Views): Tensor {
  return op("aten::fft_rfftn")(kernel.to({ device: image.device }), fast, [0, 1, 2]);
}

function convolved(
  x: Tensor,
  spectrum: Tensor,
  how: { readonly reach: ZYX; readonly fast: ZYX; readonly padding: "reflect" | "zero" },
): Tensor {
  const { B, T, Z, Y, X, C } = x.sizes("B T Z Y X C");
  const { reach, fast, padding } = how;
  const flat_NCZYX = x.permute([0, 1, 5, 2, 3, 4]).reshape([B * T, C, Z, Y, X]);
  const centre = reach.map((k) => Math.floor(k / 2));
  // Mirrored on both sides, the first voxel that the whole kernel has seen is at its size - 1.
  const margins = reach.flatMap((k, a) => [k - 1 - (centre[a] ?? 0), centre[a] ?? 0]);
  const lastAxisFirst = [4, 5, 2, 3, 0, 1].map((i) => margins[i] ?? 0);
  const padded =
    padding === "reflect" ? op("aten::reflection_pad3d")(flat_NCZYX, lastAxisFirst) : flat_NCZYX;
  const axes = [2, 3, 4];
  const product = op("aten::fft_rfftn")(padded, fast, axes).mul_(spectrum);
  const whole = op("aten::fft_irfftn")(product, fast, axes);
  const start = padding === "reflect" ? reach.map((k) => k - 1) : centre;
  const [z = 0, y = 0, x0 = 0] = start;
  const cut = whole.narrow(2, z, Z).narrow(3, y, Y).narrow(4, x0, X).clamp(0);
  return cut.reshape([B, T, C, Z, Y, X]).permute([0, 1, 3, 4, 5, 2]).contiguous();
}

function masked(x: Tensor, valid: Tensor | null): Tensor {
  return valid === null ? x : op("aten::mul_.Tensor")(x, valid);
}

/** The next size that has no prime factor above 7. */
function fastSize(least: number): number {
  for (let size = least; ; size++) {
    let rest = size;
    for (const factor of [2, 3, 5, 7]) while (rest % factor === 0) rest /= factor;
    if (rest === 1) return size;
  }
}
