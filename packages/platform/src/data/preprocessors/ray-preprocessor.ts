import { type Device, Tensor } from "@cell-observatory/engine";
import type { Layout, PreprocessorConfig } from "../../config/index.ts";
import type { Batch } from "../batch.ts";
import { DeviceBuffer } from "../loader/device-buffer.ts";
import type { MaskGenerator } from "../masking/mask-generator.ts";
import { type Normalize, percentiles, zScore } from "../transforms/normalize.ts";
import { randomFlip } from "../transforms/random-flip.ts";

/** What a masked model takes, on the device; `MaskedBatch` of `models` is this. */
export interface PreprocessedBatch {
  /** [B ...axes of the layout], float32. */
  readonly video: Tensor;
  readonly keep_BK: Tensor;
  readonly hidden_BM: Tensor;
  readonly restore_BN: Tensor;
}

export interface RayPreprocessorParts {
  readonly layout: Layout;
  readonly device: Device;
  readonly seed: number;
  readonly maskGenerator: MaskGenerator;
}

/**
 * Makes a batch ready for a masked model: to the device, to float32, normalised, mirrored by chance,
 * in the layout of the model, with masks. What it draws depends on (seed, epoch, sample) alone.
 *
 * Call it in a scope: its tensors live as long as that one.
 */
export function rayPreprocessor(
  config: PreprocessorConfig,
  { layout, device, seed, maskGenerator }: RayPreprocessorParts,
): (batch: Batch) => PreprocessedBatch {
  const buffer = new DeviceBuffer(device);
  const normalize = normalizer(config);
  const flip = randomFlip({ axes: config.flip, seed });
  return (batch) => {
    const { epoch, number, samples } = batch;
    const counts = buffer.stage(batch).to({ dtype: "float32" });
    const voxels = flip(normalize(counts), { epoch, samples });
    const masks = maskGenerator({ seed, epoch, batch: number, samples });
    const { numSamples, numTokens, numKept } = masks;
    const indices = (data: BigInt64Array, count: number) =>
      Tensor.from(data, { shape: [numSamples, count], device });
    return {
      video: voxels.reshape(shapeIn(layout, batch.shape)),
      keep_BK: indices(masks.context_masks, numKept),
      hidden_BM: indices(masks.target_masks, numTokens - numKept),
      restore_BN: indices(masks.original_patch_indices, numTokens),
    };
  };
}

function normalizer({
  normalize,
  eps,
  percentile_low,
  percentile_high,
}: PreprocessorConfig): Normalize {
  switch (normalize) {
    case "zscore":
      return zScore({ eps });
    case "percentile":
      return percentiles({ low: percentile_low, high: percentile_high, eps });
    case "none":
      return (video) => video;
    default:
      return normalize satisfies never;
  }
}

/** Sizes along B and the layout's axes; axes that it lacks have size 1, as the dataset checked. */
function shapeIn(layout: Layout, [B, T, Z, Y, X, C]: Batch["shape"]): readonly number[] {
  const sizes: Readonly<Record<string, number>> = { T, Z, Y, X, C };
  return [B, ...[...layout].map((axis) => sizes[axis] ?? 1)];
}
