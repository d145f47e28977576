import { autocast, noGrad, scope, Tensor } from "@cell-observatory/engine";
import type { Batch, Origin } from "../data/index.ts";
import type { MaskedAutoencoder, MaskedBatch } from "../models/index.ts";
import { patchify, unpatchify } from "../nn/index.ts";
import type { HiddenGrid } from "./baselines/hidden-grid.ts";

/** A sample with its hidden part rebuilt. Arrays are [T Z Y X C] of the sample's `shape`. */
export interface RebuiltSample {
  readonly origin: Origin;
  readonly shape: readonly [t: number, z: number, y: number, x: number, c: number];
  /** Counts, as they are on disk. */
  readonly input: Float32Array;
  /** 1: the model did not see this voxel. */
  readonly isHidden: Uint8Array;
  /** The model's voxels, in counts; those of visible patches are predictions too. */
  readonly prediction: Float32Array;
  /** Each channel as the model saw it, normalised, and the model's guess. */
  readonly channels: readonly HiddenGrid[];
  readonly guesses: readonly Float32Array[];
}

export interface PredictorParts {
  readonly model: MaskedAutoencoder;
  /** As for validation: it normalises and masks, and leaves voxels where they are. */
  readonly prepare: (batch: Batch) => MaskedBatch;
  readonly precision: "float32" | "bfloat16";
  readonly device: "cpu" | "cuda";
}

/** Hides patches of samples as in training, and has the model rebuild them. */
export class Predictor {
  readonly #parts: PredictorParts;

  constructor(parts: PredictorParts) {
    this.#parts = parts;
    parts.model.eval();
  }

  rebuild(batch: Batch): readonly RebuiltSample[] {
    const { video, prediction, isHidden } = this.#run(batch);
    const [B, ...shape] = batch.shape;
    const size = shape.reduce((product, edge) => product * edge, 1);
    return Array.from({ length: B }, (_, b) => {
      const part = <A extends Float32Array | Uint8Array | Batch["voxels"]>(array: A) =>
        array.slice(b * size, (b + 1) * size) as A;
      const sample = {
        input: Float32Array.from(part(batch.voxels)), // the slot is used again
        isHidden: part(isHidden),
        normalized: part(video),
        guess: part(prediction),
      };
      return rebuilt(sample, { shape, origin: batch.origins[b] ?? [0, 0, 0, 0] });
    });
  }

  #run(batch: Batch) {
    const { model, prepare, precision, device } = this.#parts;
    return noGrad(() =>
      scope(() => {
        const ready = prepare(batch);
        const options = { device, dtype: "bfloat16", enabled: precision === "bfloat16" } as const;
        const raw = autocast(options, () => model.predict(ready)).to({ dtype: "float32" });
        const prediction = model.hasNormalizedTargets ? denormalized(raw, ready, model) : raw;
        return {
          video: ready.video.data() as Float32Array,
          prediction: prediction.data() as Float32Array,
          isHidden: Uint8Array.from(hiddenVoxels(ready, model).data() as Float32Array),
        };
      }),
    );
  }
}

/** 1 at each voxel of a hidden patch: [B ...axes C]. */
function hiddenVoxels({ hidden_BM, restore_BN }: MaskedBatch, { grid }: MaskedAutoencoder): Tensor {
  const { B, N } = restore_BN.sizes("B N");
  const { device } = restore_BN;
  const ones_BM = Tensor.ones(hidden_BM.shape, { device });
  const hidden_BN = Tensor.zeros([B, N], { device }).scatter(1, hidden_BM, ones_BM);
  return unpatchify(hidden_BN.unsqueeze(-1).expand([B, N, grid.patchVoxels]).contiguous(), grid);
}

/**
 * A model of normalised targets predicts the pattern of a patch, not its level: this gives each patch
 * the mean and deviation of the true one.
 *
 * Source: He et al. 2022 do so for the pictures of their appendix.
 */
function denormalized(raw: Tensor, { video }: MaskedBatch, { grid }: MaskedAutoencoder): Tensor {
  const true_BNP = patchify(video, grid);
  const deviation = true_BNP.var(-1, true).add(1e-6).sqrt();
  const patches = patchify(raw, grid).mul(deviation).add(true_BNP.mean(-1, true));
  return unpatchify(patches, grid);
}

interface FlatSample {
  readonly input: Float32Array;
  readonly isHidden: Uint8Array;
  readonly normalized: Float32Array;
  readonly guess: Float32Array;
}

function rebuilt(
  { input, isHidden, normalized, guess }: FlatSample,
  { shape, origin }: Pick<RebuiltSample, "shape" | "origin">,
): RebuiltSample {
  const numChannels = shape[4];
  const sizes = shape.slice(0, 4);
  const prediction = new Float32Array(guess.length);
  const channels: HiddenGrid[] = [];
  const guesses: Float32Array[] = [];
  for (let c = 0; c < numChannels; c++) {
    const of = <A extends Float32Array | Uint8Array>(array: A) =>
      array.filter((_, i) => i % numChannels === c) as A;
    const channel = { voxels: of(normalized), isHidden: of(isHidden), sizes };
    const ofGuess = of(guess);
    const { gain, offset } = affine(of(input), channel.voxels);
    ofGuess.forEach((value, i) => {
      prediction[i * numChannels + c] = gain * value + offset;
    });
    channels.push(channel);
    guesses.push(ofGuess);
  }
  return { origin, shape, input, isHidden, prediction, channels, guesses };
}

/** counts = gain * normalised + offset, read off at the darkest and the brightest voxel. */
function affine(counts: Float32Array, normalized: Float32Array) {
  let [low, high] = [0, 0];
  counts.forEach((count, i) => {
    if (count < (counts[low] ?? 0)) low = i;
    if (count > (counts[high] ?? 0)) high = i;
  });
  const rise = (normalized[high] ?? 0) - (normalized[low] ?? 0);
  const gain = rise === 0 ? 1 : ((counts[high] ?? 0) - (counts[low] ?? 0)) / rise;
  return { gain, offset: (counts[low] ?? 0) - gain * (normalized[low] ?? 0) };
}
