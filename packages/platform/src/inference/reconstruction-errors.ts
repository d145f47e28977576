import { hiddenError } from "./baselines/hidden-grid.ts";
import { interpolate } from "./baselines/interpolation.ts";
import { visibleMean } from "./baselines/visible-mean.ts";
import type { GuessedSample } from "./predictor.ts";

/**
 * Mean squared errors over hidden voxels that were measured, in units of the normalised input: of the model, of the
 * mean of the visible voxels, and of interpolation between them.
 */
export interface ReconstructionErrors {
  readonly model: number;
  readonly visibleMean: number;
  readonly interpolation: number;
  readonly numSamples: number;
  readonly numHiddenVoxels: number;
}

/** Adds up the errors of samples; every hidden voxel that was measured weighs the same. */
export class ErrorTally {
  #sums = { model: 0, visibleMean: 0, interpolation: 0 };
  #numSamples = 0;
  #numHiddenVoxels = 0;

  /**
   * Adds one sample: its channels, and the model's guess for each. The two baselines see what the
   * model saw, that is the visible voxels of this sample alone.
   */
  add({ channels, guesses }: GuessedSample): void {
    channels.forEach((channel, c) => {
      const ofModel = hiddenError(channel, guesses[c] ?? new Float32Array());
      this.#sums.model += ofModel.sum;
      this.#sums.visibleMean += hiddenError(channel, visibleMean(channel)).sum;
      this.#sums.interpolation += hiddenError(channel, interpolate(channel)).sum;
      this.#numHiddenVoxels += ofModel.count;
    });
    this.#numSamples += 1;
  }

  get errors(): ReconstructionErrors {
    const mean = (sum: number) => sum / this.#numHiddenVoxels;
    return {
      model: mean(this.#sums.model),
      visibleMean: mean(this.#sums.visibleMean),
      interpolation: mean(this.#sums.interpolation),
      numSamples: this.#numSamples,
      numHiddenVoxels: this.#numHiddenVoxels,
    };
  }
}

/** "78 % below the visible mean": how `error` compares with `other`. */
export function comparison(error: number, other: number): string {
  const percent = Math.round(100 * (1 - error / other));
  return percent >= 0 ? `${percent} % below` : `${-percent} % above`;
}
