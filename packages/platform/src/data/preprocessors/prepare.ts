import { type Device, ShapeError, Tensor } from "@cell-observatory/engine";
import type { Layout, PreprocessorConfig, TransformConfig } from "../../config/index.ts";
import { DataError } from "../../images/index.ts";
import type { TokenGrid } from "../../nn/index.ts";
import type { Batch } from "../batch.ts";
import type { MaskGenerator } from "../masking/mask-generator.ts";
import { type MaskGrid, validGrid } from "../masking/mask-grid.ts";
import type { Origin } from "../sample.ts";
import { collatingTransforms, transformsOf } from "../transforms/build-transforms.ts";
import { applyTransforms, type Views } from "../transforms/views.ts";
import { viewsOfBatches } from "./views-of-batch.ts";

/** What a preprocessor knows of the run. */
export interface PreprocessorParts {
  readonly layout: Layout;
  readonly device: Device;
  readonly seed: number;
  readonly maskGenerator: MaskGenerator;
  /** `datasets.transforms`: what happens on the CPU, before the preprocessor's own transforms. */
  readonly collated?: readonly TransformConfig[];
  /** What lists of transforms name, read by `readPsfs`. */
  readonly psfs?: ReadonlyMap<string, Tensor>;
  /** The tokens of what the model sees. */
  readonly grid: MaskGrid & {
    /** Voxels of a token, and of the input, along the grid's axes; the input's channels. */
    readonly patchShape: readonly number[];
    readonly sizes: readonly number[];
    readonly channels: number;
  };
}

/** The same, with the whole grid, which patches of a target are cut along. */
export interface TaskParts extends PreprocessorParts {
  readonly grid: TokenGrid;
}

/**
 * A batch on the device, in float32, transformed: all that is done to it whatever the task.
 *
 * @param wants - whether a clean image goes along beside the image.
 * @throws {@link ShapeError} when transforms end in other sizes than the model's input has.
 */
export function preparer(
  config: PreprocessorConfig,
  { seed, device, psfs, collated = [] }: PreprocessorParts,
  wants: { readonly clean: boolean },
): (batch: Batch) => Views {
  const collating = collatingTransforms(collated, psfs);
  const load = viewsOfBatches({ device, seed, wantsClean: wants.clean, collating });
  const transforms = transformsOf(config, psfs);
  return (batch) => {
    const { epoch, number, samples } = batch;
    return applyTransforms(transforms, load(batch), { seed, epoch, batch: number, samples });
  };
}

/** Views with the labels that a task cannot do without. */
export function labelled(views: Views, task = "the task") {
  const { labels, objects } = views;
  if (labels !== null && objects !== null) return { ...views, labels, objects };
  throw new DataError("DATA_LABELS", `${task} needs labels, and the batch has none`, {
    hint: "Name the channel of the labels (datasets.mask_channel_idx), or catalogue images that have some.",
  });
}

/** Masks of a batch as a masked model takes them; see `MaskedBatch` of `models`. */
export interface TokenMasks {
  readonly keep_BK: Tensor;
  readonly hidden_BM: Tensor;
  readonly restore_BN: Tensor;
}

/** Draws the masks of a batch, of each sample's valid part as of a sample of its own. */
export function tokenMasks(
  batch: Batch,
  validSizes: readonly Origin[],
  { maskGenerator, grid, seed, device }: PreprocessorParts,
): TokenMasks {
  const { epoch, number, samples } = batch;
  const validGrids = validSizes.map((size) => validGrid(grid, grid.patchShape, size));
  const masks = maskGenerator({ seed, epoch, batch: number, samples, validGrids });
  const { numSamples, numTokens, numKept } = masks;
  const indices = (data: BigInt64Array, count: number) =>
    Tensor.from(data, { shape: [numSamples, count], device });
  return {
    keep_BK: indices(masks.context_masks, numKept),
    hidden_BM: indices(masks.target_masks, numTokens - numKept),
    restore_BN: indices(masks.original_patch_indices, numTokens),
  };
}

/**
 * [B T Z Y X C] as [B ...axes of the layout]; axes that it lacks have size 1.
 *
 * @throws {@link ShapeError} when it is not of the sizes that the model sees.
 */
export function inLayout(
  x: Tensor,
  { layout, grid }: Pick<PreprocessorParts, "layout" | "grid">,
): Tensor {
  const { B, C, ...sizes } = x.sizes("B T Z Y X C");
  const named: Readonly<Record<string, number>> = sizes;
  const axes = [...layout].filter((axis) => axis !== "C");
  const found = axes.map((axis) => named[axis] ?? 1);
  const isWhole = Object.entries(named).every(
    ([axis, size]) => layout.includes(axis) || size === 1,
  );
  if (!isWhole || !found.every((size, a) => size === grid.sizes[a])) {
    const wanted = axes.map((axis, a) => `${axis}=${grid.sizes[a]}`).join(" ");
    throw new ShapeError(`B ${wanted} C (what the model sees), once transformed`, x.shape);
  }
  return x.reshape([B, ...found, C]);
}
