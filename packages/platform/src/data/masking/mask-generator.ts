import type { MaskingConfig } from "../../config/index.ts";
import { RandomStream } from "../rng/random-stream.ts";
import { blockedMask, blockSize, expectedHidden } from "./blocked-mask.ts";
import { type MaskGrid, numTokensOf } from "./mask-grid.ts";
import { type MaskIndices, maskIndices } from "./mask-indices.ts";
import { numHiddenOf, randomMask } from "./random-mask.ts";

/** What the masks of a batch depend on, and nothing else. */
export interface MaskPlace {
  readonly seed: number;
  readonly epoch: number;
  /** Number of the batch (the step) in its epoch: the same on every rank. */
  readonly batch: number;
  /** Number of each sample in the data set, one mask each. */
  readonly samples: readonly number[];
}

/** Draws the masks of a batch; a pure function, so that a resumed run draws what it would have. */
export type MaskGenerator = (place: MaskPlace) => MaskIndices;

/**
 * Hides tokens of a grid as `mask_mode` says:
 *
 * - RANDOM: single tokens, `random_masking_ratio` of them, every choice equally likely (MAE).
 * - BLOCKED: `num_blocks` blocks, which may overlap, of one size per batch and a place per sample
 *   (V-JEPA). Samples of a batch need as many hidden tokens each, and unions of blocks differ, so
 *   each union is grown or shrunk on its sides to the number that blocks of that size cover on
 *   average. No token is left out: each is kept or hidden, wherever it lies.
 *
 * Sources: He et al. 2022, section 3; Bardes et al. 2024, "Revisiting Feature Prediction for
 * Learning Visual Representations from Video", section 3.2, whose batches are equalised by dropping
 * the last tokens of the longer samples instead.
 *
 * @throws {@link MaskError} when the grid has fewer than two tokens.
 */
export function maskGenerator(config: MaskingConfig, grid: MaskGrid): MaskGenerator {
  const numTokens = numTokensOf(grid);
  const mode = config.mask_mode;
  switch (mode) {
    case "RANDOM": {
      const numHidden = numHiddenOf(config.random_masking_ratio, numTokens);
      return (place) =>
        maskIndices(streams(place).map((rng) => randomMask(numTokens, numHidden, rng)));
    }
    case "BLOCKED": {
      const numBlocks = config.num_blocks;
      return (place) => {
        const { seed, epoch, batch } = place;
        const shared = new RandomStream({ seed, purpose: "mask block size", epoch, index: batch });
        const size = blockSize(config, grid, shared);
        const numHidden = expectedHidden(grid, size, numBlocks);
        const blocks = { size, numBlocks, numHidden };
        return maskIndices(streams(place).map((rng) => blockedMask(grid, blocks, rng)));
      };
    }
    default:
      return mode satisfies never;
  }
}

function streams({ seed, epoch, samples }: MaskPlace): readonly RandomStream[] {
  return samples.map((index) => new RandomStream({ seed, purpose: "mask", epoch, index }));
}
