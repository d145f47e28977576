import { cat, keep, type Tensor } from "@cell-observatory/engine";
import type { PreprocessorConfig } from "../../config/index.ts";
import { patchify } from "../../nn/index.ts";
import { RandomStream } from "../../rng/index.ts";
import type { Batch } from "../batch.ts";
import { readPsf } from "../transforms/read-psf.ts";
import { TransformError } from "../transforms/transform-error.ts";
import { naMasks, throughAperture } from "./na-masks.ts";
import { inLayout, preparer, type TaskParts, tokenMasks } from "./prepare.ts";
import { noTargets, type TaskBatch } from "./task-batch.ts";

/**
 * A sharp image from a blurred or sparse one.
 *
 * - upsample_space: the input is the image through an aperture, drawn for each sample out of those of
 *   `na_mask_thresholds`; the target is the image.
 * - upsample_spacetime: the same, with tokens hidden as well.
 * - upsample_time: the image with tokens hidden (BLOCKED_PATTERNED: whole frames); no target, since a
 *   masked model predicts what is hidden.
 *
 * @throws {@link TransformError} when there is no PSF, or no threshold.
 */
export async function upsamplePreprocessor(
  config: PreprocessorConfig,
  parts: TaskParts,
): Promise<(batch: Batch) => TaskBatch> {
  const prepare = preparer(config, parts, { clean: false });
  const isSharp = config.mode === "upsample_time";
  const apertures_MZYX = isSharp ? null : keep(await aperturesOf(config, parts));
  const hides = config.with_masking ?? true;
  return (batch) => {
    const { image, valid, validSizes } = prepare(batch);
    const target = inLayout(image, parts);
    const input = apertures_MZYX === null ? image : blurred(image, apertures_MZYX, batch, parts);
    return {
      ...noTargets,
      video: inLayout(input, parts),
      valid: valid && inLayout(valid, parts),
      masks: hides ? tokenMasks(batch, validSizes, parts) : null,
      target: isSharp ? null : target,
      target_BNP: isSharp ? null : patchify(target, parts.grid),
    };
  };
}

async function aperturesOf(
  config: PreprocessorConfig,
  { grid, device }: TaskParts,
): Promise<Tensor> {
  const { mode, ideal_psf_path, na_mask_thresholds = [], resize_na_masks = true } = config;
  const key = "datasets.preprocessor";
  if (!ideal_psf_path || na_mask_thresholds.length === 0) {
    const lacks = ideal_psf_path ? "na_mask_thresholds" : "ideal_psf_path";
    throw new TransformError(
      `${mode ?? "upsampling"} needs ${key}.${lacks}`,
      "Give the TIFF of the microscope's point spread function, and thresholds from 0 to 1.",
    );
  }
  const along = (axis: string) => grid.sizes[grid.axes.indexOf(axis)] ?? 1;
  const size = [along("Z"), along("Y"), along("X")] as const;
  const psf = await readPsf(ideal_psf_path);
  if (!resize_na_masks && !psf.shape.every((side, a) => side === size[a])) {
    const sizes = `it is ${psf.shape.join(" x ")}, and the input ${size.join(" x ")}`;
    throw new TransformError(
      `${ideal_psf_path} does not fit: ${sizes}`,
      `Set ${key}.resize_na_masks=true, or give a PSF of the input's sizes.`,
    );
  }
  return naMasks(psf.to({ device }), na_mask_thresholds, size);
}

function blurred(image: Tensor, apertures: Tensor, batch: Batch, { seed }: TaskParts): Tensor {
  const [numApertures = 1] = apertures.shape;
  const { epoch, samples } = batch;
  const rows = samples.map((index, b) => {
    const rng = new RandomStream({ seed, purpose: "aperture", epoch, index });
    const mask = apertures.narrow(0, rng.integer(0, numApertures), 1);
    return throughAperture(image.narrow(0, b, 1), mask);
  });
  return cat(rows, 0);
}
