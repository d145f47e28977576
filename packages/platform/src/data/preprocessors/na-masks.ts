import { cat, op, type Tensor } from "@cell-observatory/engine";
import type { ZYX } from "../structures/boxes.ts";
import { interpolate } from "../transforms/interpolate.ts";

/**
 * Apertures: the parts of the spectrum where a point spread function reaches a part of its peak, one
 * for each threshold, [M Z Y X/2+1] as `rfftn` has its frequencies.
 *
 * The magnitude of the PSF's spectrum, with frequency 0 in the middle, is divided by its maximum, cut
 * at the threshold, resized to the image's sizes and cut again at 0.5. What an aperture has at only
 * one of two opposite frequencies counts half: of a real image, that is what the real part of the
 * filtered one has.
 *
 * @param psf - [Z Y X], its peak in the middle.
 */
export function naMasks(psf: Tensor, thresholds: readonly number[], size: ZYX): Tensor {
  const axes = [0, 1, 2];
  const spectrum = op("aten::fft_fftn")(op("aten::fft_ifftshift")(psf, axes), undefined, axes);
  const magnitude = op("aten::fft_fftshift")(spectrum.abs(), axes);
  const relative = magnitude.div(magnitude.amax());
  const masks = thresholds.map((threshold) => {
    const aperture = relative.ge(threshold).to({ dtype: "float32" });
    const resized = interpolate(aperture.unsqueeze(0).unsqueeze(-1), size, { mode: "trilinear" });
    const whole = op("aten::fft_ifftshift")(
      resized.reshape(size).ge(0.5).to({ dtype: "float32" }),
      axes,
    );
    const opposite = whole.flip(axes).roll([1, 1, 1], axes);
    return whole
      .add(opposite)
      .mul_(0.5)
      .narrow(2, 0, Math.floor(size[2] / 2) + 1)
      .unsqueeze(0);
  });
  return cat(masks, 0);
}

/**
 * A real image through an aperture of its own in each row: real(IFFT(FFT(x) * mask)) over Z Y X.
 *
 * @param video - [B T Z Y X C]
 * @param masks - [B Z Y X/2+1], of {@link naMasks}.
 */
export function throughAperture(video: Tensor, masks: Tensor): Tensor {
  const { Z, Y, X } = video.sizes("B T Z Y X C");
  const axes = [-3, -2, -1];
  const channelsFirst_BTCZYX = video.permute([0, 1, 5, 2, 3, 4]);
  const spectrum = op("aten::fft_rfftn")(channelsFirst_BTCZYX, undefined, axes);
  spectrum.mul_(masks.unsqueeze(1).unsqueeze(1));
  return op("aten::fft_irfftn")(spectrum, [Z, Y, X], axes).permute([0, 1, 3, 4, 5, 2]);
}
