import type { MaskingConfig } from "../../config/index.ts";
import { RandomStream } from "../../rng/index.ts";
import { blockSize } from "./block-size.ts";
import { type Blocks, blockedMask } from "./blocked-mask.ts";
import { columnsMask } from "./columns-mask.ts";
import { filledMask } from "./filled-mask.ts";
import { MaskError } from "./mask-error.ts";
import { checkGrid, type MaskGrid, numTokensOf, spreadFlags } from "./mask-grid.ts";
import type { MaskPlan } from "./mask-plan.ts";
import { type Masks, masksOf } from "./masks.ts";
import { patternedMask } from "./patterned-mask.ts";
import { randomMask } from "./random-mask.ts";

/** What the masks of a batch depend on, and nothing else. */
export interface MaskPlace {
  readonly seed: number;
  readonly epoch: number;
  /** Number of the batch (the step) in its epoch: the same on every rank. */
  readonly batch: number;
  /** Number of each sample in the data set, one mask each. */
  readonly samples: readonly number[];
  /** The part of each sample's grid that is not wholly padding; all of it where not given. */
  readonly validGrids?: readonly MaskGrid[];
}

/** Draws the masks of a batch; a pure function, so that a resumed run draws what it would have. */
export type MaskGenerator = (place: MaskPlace) => Masks;

/**
 * Hides tokens of a grid as `mask_mode` says:
 *
 * - RANDOM: single tokens, `random_masking_ratio` of them, every choice equally likely (MAE).
 * - RANDOM_SPACE_ONLY: the same in space, at all times alike (tubes).
 * - BLOCKED: `num_blocks` blocks, which may overlap, of one size per batch and a place per sample
 *   (V-JEPA); see {@link blockedMask} for how often each token is hidden.
 * - BLOCKED_TIME_ONLY, BLOCKED_SPACE_ONLY: blocks that reach through all of space, or all of time.
 * - BLOCKED_PATTERNED: frames as `time_downsample_pattern` says.
 * - BLOCKED_WITH_RANDOM_FILL: blocks and single tokens, just `random_masking_ratio`.
 *
 * In the RANDOM modes, every token that is not padding is hidden equally often.
 *
 * Padding is never asked for: the mode looks at the valid part of a sample as at a grid of its own,
 * and hides of it what it would of such a grid. The rows of a batch must be equally long: a padded row
 * fills up with tokens of padding, drawn at random, which no loss counts; what padding is left is
 * seen. So all batches, on all ranks, hide as many tokens a row, padded or not. A valid part that the
 * mode cannot part (a single token; a single frame, for modes over T) is shown, and is in no loss.
 *
 * Sources: He et al. 2022, section 3; Feichtenhofer et al. 2022, figure 2; Bardes et al. 2024,
 * "Revisiting Feature Prediction for Learning Visual Representations from Video", section 3.2, whose
 * batches are equalised by dropping the last tokens of the longer samples instead.
 *
 * @throws {@link MaskError} at once, when the whole grid leaves nothing to see, or nothing to predict.
 */
export function maskGenerator(config: MaskingConfig, grid: MaskGrid): MaskGenerator {
  checkGrid(grid, "a grid");
  const planOf = planner(config, grid);
  const channels = config.channels_to_mask ?? null;
  const numTokens = numTokensOf(grid);
  planOf({ seed: 0, epoch: 0, batch: 0 }).quota(grid); // a mode that cannot be is refused now
  return (place) => {
    const { seed, epoch, samples, validGrids } = place;
    const plan = planOf(place);
    const numHidden = plan.quota(grid);
    const flags = new Uint8Array(samples.length * numTokens);
    for (const [b, index] of samples.entries()) {
      const rng = new RandomStream({ seed, purpose: "mask", epoch, index });
      const row = flags.subarray(b * numTokens, (b + 1) * numTokens);
      const valid = validGrids?.[b] ?? grid;
      const numPadding = numTokens - numTokensOf(valid);
      const wanted = valid === grid ? numHidden : quotaOrNone(plan, valid);
      const ofValid = Math.max(Math.min(wanted, numHidden), numHidden - numPadding);
      if (ofValid > 0) spreadFlags(plan.draw(valid, ofValid, rng), valid, grid, row);
      if (ofValid < numHidden) hidePadding(row, { valid, grid, rng, count: numHidden - ofValid });
    }
    return masksOf(flags, samples.length, channels);
  };
}

/** What a mode would hide of a valid part; 0 where that leaves it nothing to hide, or to show. */
function quotaOrNone(plan: MaskPlan, valid: MaskGrid): number {
  if (numTokensOf(valid) < 2) return 0;
  try {
    return plan.quota(valid);
  } catch (error) {
    if (error instanceof MaskError) return 0;
    throw error;
  }
}

interface PaddingToHide {
  readonly valid: MaskGrid;
  readonly grid: MaskGrid;
  readonly rng: RandomStream;
  readonly count: number;
}

/** Hides tokens of a row that are wholly padding, every choice of them equally likely. */
function hidePadding(row: Uint8Array, { valid, grid, rng, count }: PaddingToHide): void {
  const isValid = new Uint8Array(row.length);
  spreadFlags(new Uint8Array(numTokensOf(valid)).fill(1), valid, grid, isValid);
  const padding = [...isValid.keys()].filter((n) => isValid[n] === 0);
  for (const i of rng.sample(padding.length, count)) row[padding[i] ?? 0] = 1;
}

type BatchPlace = Pick<MaskPlace, "seed" | "epoch" | "batch">;

function planner(config: MaskingConfig, grid: MaskGrid): (place: BatchPlace) => MaskPlan {
  const { mask_mode, random_masking_ratio: ratio } = config;
  const always = (plan: MaskPlan) => () => plan;
  switch (mask_mode) {
    case "RANDOM":
      return always(randomMask(ratio));
    case "RANDOM_SPACE_ONLY":
      return always(columnsMask(["Z", "Y", "X"], randomMask(ratio)));
    case "BLOCKED":
      return (place) => blockedMask(blocksOf(config, grid, place));
    case "BLOCKED_TIME_ONLY":
      return (place) => columnsMask(["T"], blockedMask(blocksOf(config, grid, place)));
    case "BLOCKED_SPACE_ONLY":
      return (place) => columnsMask(["Z", "Y", "X"], blockedMask(blocksOf(config, grid, place)));
    case "BLOCKED_PATTERNED":
      return always(columnsMask(["T"], patternedMask(patternOf(config))));
    case "BLOCKED_WITH_RANDOM_FILL":
      return (place) => filledMask(ratio, blocksOf(config, grid, place));
    default:
      return mask_mode satisfies never;
  }
}

/** One size for the whole step, on all ranks: drawn from the number of the batch. */
function blocksOf(
  config: MaskingConfig,
  grid: MaskGrid,
  { seed, epoch, batch }: BatchPlace,
): Blocks {
  const rng = new RandomStream({ seed, purpose: "mask block size", epoch, index: batch });
  const size = blockSize(config, grid, rng);
  const sideOf = (name: string) => size[grid.axes.indexOf(name)] ?? 1;
  return {
    numBlocks: config.num_blocks,
    sizeIn: ({ axes, counts }) => counts.map((n, a) => Math.min(n, sideOf(axes[a] ?? ""))),
  };
}

function patternOf({ time_downsample_pattern }: MaskingConfig): readonly (0 | 1)[] {
  if (time_downsample_pattern && time_downsample_pattern.length > 0) return time_downsample_pattern;
  throw new MaskError(
    "BLOCKED_PATTERNED needs time_downsample_pattern, a list of 0 (shown) and 1 (hidden)",
    "Set datasets.masking.time_downsample_pattern, [0, 1] for every second token along T.",
  );
}
