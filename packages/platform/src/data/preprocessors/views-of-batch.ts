import { type Device, Tensor } from "@cell-observatory/engine";
import type { Batch } from "../batch.ts";
import { imageOf, labelsOf } from "../loader/on-device.ts";
import { inCorners } from "../structures/corners.ts";
import { applyTransforms, type Transform, type Views } from "../transforms/views.ts";
import { validMask } from "../valid-mask.ts";

export interface LoadOptions {
  readonly device: Device;
  readonly seed: number;
  /** Whether a clean image goes along beside the image. */
  readonly wantsClean: boolean;
  /** What happens on the CPU, before a batch goes to the device. */
  readonly collating: readonly Transform[];
}

/**
 * Brings batches to the device: the image in float32, its labels, what of it was measured, and what
 * is to be found in it.
 *
 * Where there is nothing to do on the CPU, voxels go there in their own number type; on a GPU the
 * loader has brought them there already.
 */
export function viewsOfBatches(options: LoadOptions): (batch: Batch) => Views {
  const { device, seed, wantsClean, collating } = options;
  const isCollated = collating.length > 0;
  const first = isCollated ? "cpu" : device;
  return (batch) => {
    const { validSizes, targets } = batch;
    const image = imageOf(batch, first).to({ dtype: "float32" });
    const views: Views = {
      image,
      clean: wantsClean ? image : null,
      labels: labelsOf(batch, first),
      valid: stagedMask(batch, first),
      validSizes,
      objects: targets?.map((row, b) => inCorners(row, validSizes[b] ?? [1, 1, 1, 1])) ?? null,
    };
    if (!isCollated) return views;
    const { epoch, number, samples } = batch;
    const collated = applyTransforms(collating, views, { seed, epoch, batch: number, samples });
    return device === "cpu" ? collated : onDevice(collated, device);
  };
}

function onDevice(views: Views, device: Device): Views {
  const moved = (x: Tensor | null) => x?.to({ device }) ?? null;
  const image = views.image.to({ device });
  return {
    ...views,
    image,
    clean: views.clean === views.image ? image : moved(views.clean),
    labels: moved(views.labels),
    valid: moved(views.valid),
  };
}

function stagedMask(batch: Batch, device: Device): Tensor | null {
  const mask = validMask(batch);
  return mask && Tensor.from(mask, { shape: batch.shape, dtype: "uint8", device });
}
