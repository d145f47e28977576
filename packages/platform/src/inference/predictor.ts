import { autocast, noGrad, ShapeError, scope, Tensor } from "@cell-observatory/engine";
import { type Batch, countsOf, type Origin } from "../data/index.ts";
import type { MaskedAutoencoder, MaskedBatch } from "../models/index.ts";
import { patchify, unpatchify } from "../nn/index.ts";
import type { HiddenGrid } from "./baselines/hidden-grid.ts";

/** A sample as the model saw it, channel by channel, with the model's guess for each. */
export interface GuessedSample {
  /** Normalised, in the sizes that the model sees. */
  readonly channels: readonly HiddenGrid[];
  readonly guesses: readonly Float32Array[];
}

/** A sample with its hidden part rebuilt. Arrays are [T Z Y X C] of the sample's `shape`. */
export interface RebuiltSample extends GuessedSample {
  readonly origin: Origin;
  readonly shape: readonly [t: number, z: number, y: number, x: number, c: number];
  /** Counts, as they are on disk. */
  readonly input: Float32Array;
  /** 1: the model did not see this voxel. */
  readonly isHidden: Uint8Array;
  /** 0: padding, or a voxel that could not be read; null: all were measured. */
  readonly isMeasured: Uint8Array | null;
  /** The model's voxels, in counts; those of visible patches are predictions too. */
  readonly prediction: Float32Array;
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

  /** What the model makes of each sample, in the units and sizes that it sees. */
  guess(batch: Batch): readonly GuessedSample[] {
    return this.#run(batch).map(({ normalized, guess, isHidden, isMeasured }) => {
      const { sizes, channels: numChannels } = this.#parts.model.grid;
      const channels = Array.from({ length: numChannels }, (_, c): HiddenGrid => {
        const of = channelOf(c, numChannels);
        return {
          voxels: of(normalized),
          isHidden: of(isHidden),
          isMeasured: isMeasured && of(isMeasured),
          sizes,
        };
      });
      return { channels, guesses: channels.map((_, c) => channelOf(c, numChannels)(guess)) };
    });
  }

  /** The same in counts. The model must see samples in the sizes that are read. */
  rebuild(batch: Batch): readonly RebuiltSample[] {
    const [, ...shape] = batch.shape;
    const size = shape.reduce((product, edge) => product * edge, 1);
    const counts = countsOf(batch);
    return this.guess(batch).map((guessed, b) => {
      const numChannels = guessed.channels.length;
      if (size !== numChannels * (guessed.channels[0]?.voxels.length ?? 0)) {
        throw new ShapeError("samples of the sizes that the model sees", batch.shape);
      }
      const input = counts.slice(b * size, (b + 1) * size);
      const prediction = new Float32Array(size);
      const isHidden = new Uint8Array(size);
      const isAllMeasured = guessed.channels.every(({ isMeasured }) => isMeasured === null);
      const isMeasured = isAllMeasured ? null : new Uint8Array(size);
      guessed.channels.forEach((channel, c) => {
        const { gain, offset } = affine(channelOf(c, numChannels)(input), channel);
        guessed.guesses[c]?.forEach((value, i) => {
          const at = i * numChannels + c;
          prediction[at] = gain * value + offset;
          isHidden[at] = channel.isHidden[i] ?? 0;
          if (isMeasured !== null) isMeasured[at] = channel.isMeasured?.[i] ?? 1;
        });
      });
      const origin = batch.origins[b] ?? [0, 0, 0, 0];
      return { ...guessed, origin, shape, input, isHidden, isMeasured, prediction };
    });
  }

  /** One for each row; arrays [...axes C] of what the model sees. */
  #run(batch: Batch): readonly FlatSample[] {
    const { model, prepare, precision, device } = this.#parts;
    return noGrad(() =>
      scope(() => {
        const ready = prepare(batch);
        const options = { device, dtype: "bfloat16", enabled: precision === "bfloat16" } as const;
        const raw = autocast(options, () => model.predict(ready)).to({ dtype: "float32" });
        const prediction = model.hasNormalizedTargets ? denormalized(raw, ready, model) : raw;
        const valid = ready.valid ?? null;
        const [B = 0] = ready.video.shape;
        const row = (x: Tensor, b: number) => x.select(0, b).contiguous().data();
        const hidden = hiddenVoxels(ready, model).to({ dtype: "uint8" });
        return Array.from({ length: B }, (_, b) => ({
          normalized: row(ready.video, b) as Float32Array,
          guess: row(prediction, b) as Float32Array,
          isHidden: row(hidden, b) as Uint8Array,
          isMeasured: valid && (row(valid, b) as Uint8Array),
        }));
      }),
    );
  }
}

interface FlatSample {
  readonly normalized: Float32Array;
  readonly guess: Float32Array;
  readonly isHidden: Uint8Array;
  readonly isMeasured: Uint8Array | null;
}

/** Takes every C-th number of an array whose last axis is C. */
function channelOf(c: number, numChannels: number) {
  return <A extends Float32Array | Uint8Array>(array: A) =>
    array.filter((_, i) => i % numChannels === c) as A;
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

/** counts = gain * normalised + offset, read off at the darkest and the brightest voxel measured. */
function affine(counts: Float32Array, { voxels, isMeasured }: HiddenGrid) {
  const first = isMeasured?.indexOf(1) ?? 0;
  let [low, high] = [first, first];
  counts.forEach((count, i) => {
    if (isMeasured?.[i] === 0) return;
    if (count < (counts[low] ?? 0)) low = i;
    if (count > (counts[high] ?? 0)) high = i;
  });
  const rise = (voxels[high] ?? 0) - (voxels[low] ?? 0);
  const gain = rise === 0 ? 1 : ((counts[high] ?? 0) - (counts[low] ?? 0)) / rise;
  return { gain, offset: (counts[low] ?? 0) - gain * (voxels[low] ?? 0) };
}
