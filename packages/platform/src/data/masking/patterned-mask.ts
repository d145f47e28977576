import { MaskError } from "./mask-error.ts";
import { numTokensOf } from "./mask-grid.ts";
import type { MaskPlan } from "./mask-plan.ts";

/**
 * BLOCKED_PATTERNED, over T: the pattern is repeated, and hides where it is 1. Nothing is drawn,
 * but for which frames stay hidden where a batch hides fewer.
 */
export function patternedMask(pattern: readonly (0 | 1)[]): MaskPlan {
  const framesOf = (numFrames: number) =>
    Array.from({ length: numFrames }, (_, t) => t).filter((t) => pattern[t % pattern.length] === 1);
  return {
    quota(grid) {
      const numFrames = numTokensOf(grid);
      const numHidden = framesOf(numFrames).length;
      if (numHidden > 0 && numHidden < numFrames) return numHidden;
      const nothing = numHidden === 0 ? "hides nothing" : "shows nothing";
      throw new MaskError(
        `time_downsample_pattern [${pattern}] ${nothing} of ${numFrames} tokens along T; ` +
          "expected some of either",
        "Set a pattern with a 0 and a 1 within so many tokens (datasets.masking.time_downsample_pattern).",
      );
    },
    draw(grid, numHidden, rng) {
      const flags = new Uint8Array(numTokensOf(grid));
      const frames = framesOf(flags.length);
      if (numHidden === frames.length) for (const t of frames) flags[t] = 1;
      else for (const i of rng.sample(frames.length, numHidden)) flags[frames[i] ?? 0] = 1;
      return flags;
    },
  };
}
