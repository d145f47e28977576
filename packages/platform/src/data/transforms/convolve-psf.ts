import { keep, op, type Tensor } from "@cell-observatory/engine";
import type { ZYX } from "../structures/boxes.ts";
import { interpolate } from "./interpolate.ts";
import { mapRows, validPart } from "./rows.ts";
import { TransformError } from "./transform-error.ts";
import { alongZYX, sizesOf, type Transform, type Views } from "./views.ts";

export interface ConvolvePsfOptions {
  /** [Z Y X], its centre at floor(size / 2) along each axis. */
  readonly psf: Tensor;
  /** What lies beyond the image's border: its mirror image, or nothing. */
  readonly padding: "reflect" | "zero";
  /** Edges of the PSF's voxels over those of the image's, along Z Y X. */
  readonly scale: ZYX;
}

/** Spectra of the kernel that are kept: a `resize` to a range before it leaves sizes without end. */
const mostSpectra = 4;

/**
 * Blurs images as a microscope does: convolved with its point spread function, which is resampled to
 * the image's voxels, and divided by its sum. What comes out is not below 0; padding stays 0. Voxels
 * that were not measured weigh nothing, and the rest weighs as much more (normalised convolution).
 *
 * Source: the reference platform's `ConvolveWithPSF`.
 */
export function convolvePsf(name: string, { psf, padding, scale }: ConvolvePsfOptions): Transform {
  const kernel = keep(kernelOf(psf, scale));
  const { Z: z, Y: y, X: x } = kernel.sizes("Z Y X");
  const reach = [z, y, x] as const;
  const spectra = new Map<string, Tensor>();
  const spectrumAt = (fast: ZYX, views: Views) => {
    const key = `${fast} ${views.image.device}`;
    const spectrum = spectra.get(key) ?? keep(spectrumOf(kernel, fast, views));
    spectra.delete(key); // the last one of a map is the one that was used last
    spectra.set(key, spectrum);
    if (spectra.size > mostSpectra) {
      const [oldest = ""] = spectra.keys();
      spectra.get(oldest)?.release();
      spectra.delete(oldest);
    }
    return spectrum;
  };
  return {
    name,
    apply(views) {
      const { Z, Y, X } = sizesOf(views);
      const image = [Z, Y, X] as const;
      checkReach(image, reach, padding);
      const fast = alongZYX((a) => fastSize(image[a] + reach[a] - 1));
      const spectrum = spectrumAt(fast, views);
      const through = (x: Tensor) => convolved(x, spectrum, { reach, fast, padding });
      const gain = gainOf(views, through, padding);
      const blur = (x: Tensor) => {
        if (gain === null || views.valid === null) return through(x);
        return through(x.mul(views.valid)).mul_(gain);
      };
      const blurred = blur(views.image);
      const { clean } = views;
      return {
        ...views,
        image: blurred,
        clean: clean === views.image ? blurred : clean && blur(clean),
      };
    },
  };
}

/**
 * What each voxel is multiplied by, since the kernel saw less of the image than it reaches over; 0
 * where a voxel was not measured. Null: all were.
 *
 * With nothing beyond the image's border, voxels behind its end are no loss: only those within it
 * that could not be read are.
 */
function gainOf(
  { image, valid, validSizes }: Views,
  through: (x: Tensor) => Tensor,
  padding: "reflect" | "zero",
): Tensor | null {
  if (valid === null) return null;
  const known = valid.to({ dtype: image.dtype });
  const part = through(known).clamp(1e-4); // far above what the transforms round
  if (padding === "reflect") return known.div(part);
  const inside = mapRows(known, known.shape.slice(1), (_, into, b) => {
    into.zero_();
    validPart(into, validSizes[b] ?? [0, 0, 0, 0]).fill_(1);
  });
  return through(inside).mul_(known).div_(part);
}

function kernelOf(psf: Tensor, scale: ZYX): Tensor {
  const { Z, Y, X } = psf.sizes("Z Y X");
  const from = [Z, Y, X] as const;
  const size = alongZYX((a) => Math.max(1, Math.floor(from[a] * scale[a])));
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

/** The next size that has no prime factor above 7. */
function fastSize(least: number): number {
  for (let size = least; ; size++) {
    let rest = size;
    for (const factor of [2, 3, 5, 7]) while (rest % factor === 0) rest /= factor;
    if (rest === 1) return size;
  }
}
