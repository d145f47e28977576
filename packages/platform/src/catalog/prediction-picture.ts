import type { RunConfig } from "../config/index.ts";
import { comparison, type ReconstructionErrors } from "../inference/index.ts";
import { percentileWindow, slicePicture } from "../picture/index.ts";
import type { Rebuilt } from "./rebuild-volume.ts";

export interface PredictionPictureOptions {
  readonly title: string;
  readonly errors: ReconstructionErrors;
  /** What the errors are measured in, as part of a sentence. */
  readonly unit: string;
  /** What the errors are of: "held-out samples". */
  readonly scope: string;
  readonly trained: RunConfig;
}

/** The picture of a rebuilt volume: its first channel, at its middle frame. */
export function predictionPicture(
  { volume, voxelSize, heldOut, place, image }: Rebuilt,
  { title, errors, unit, scope, trained }: PredictionPictureOptions,
): Buffer {
  const [T, Z, Y, X] = volume.shape;
  const frame = T >> 1;
  const input = volume.channel(volume.input, 0, frame);
  const hidden = volume.channel(volume.isHidden, 0, frame);
  const share = volume.isHidden.reduce((sum, flag) => sum + flag, 0) / volume.isHidden.length;
  const { model, visibleMean, interpolation, numSamples } = errors;
  const box = heldOut ?? { from: [0, 0, 0], to: [Z, Y, X] };
  const middle = (axis: 0 | 1 | 2) => (box.from[axis] + box.to[axis]) >> 1;
  const name = image.split("/").at(-1);
  return slicePicture({
    title,
    columns: [
      { title: "Input", volume: input },
      { title: `Masked input: ${Math.round(100 * share)} % hidden`, volume: input, hidden },
      {
        title: "Reconstruction, visible patches pasted in",
        volume: volume.channel(volume.reconstruction, 0, frame),
      },
    ],
    voxelSize,
    centre: [middle(0), middle(1), middle(2)],
    ...(heldOut !== null && { outline: heldOut }),
    window: percentileWindow(input.voxels),
    caption: [
      `${name}, frame ${(place.origin[0] ?? 0) + frame}, patches of ${trained.datasets.patch_shape.join(" x ")} voxels.` +
        (heldOut === null ? "" : " Dashed: the part that training did not see."),
      `Mean squared error on hidden voxels of ${numSamples} ${scope}, ${unit}:`,
      `model ${model.toFixed(3)}    interpolation from visible voxels ${interpolation.toFixed(3)}    mean of visible voxels ${visibleMean.toFixed(3)}` +
        `    (model: ${comparison(model, visibleMean)} the mean, ${comparison(model, interpolation)} interpolation)`,
    ],
  });
}
