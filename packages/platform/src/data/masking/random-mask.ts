import type { RandomStream } from "../../rng/index.ts";
import { numTokensOf } from "./mask-grid.ts";
import type { MaskPlan } from "./mask-plan.ts";

/**
 * RANDOM: a part of the tokens, every choice of them equally likely. `ratio` hides
 * N - floor(N * (1 - ratio)), with at least one token on either side.
 */
export function randomMask(ratio: number): MaskPlan {
  return {
    quota: (grid) => numHiddenOf(ratio, numTokensOf(grid)),
    draw(grid, numHidden, rng) {
      const flags = new Uint8Array(numTokensOf(grid));
      hideAmong(flags, numHidden, rng);
      return flags;
    },
  };
}

/** Hides `count` of the tokens that flags leave open, drawn at random. */
export function hideAmong(flags: Uint8Array, count: number, rng: RandomStream): void {
  const open = new Int32Array(flags.length);
  let numOpen = 0;
  for (let n = 0; n < flags.length; n++) if (flags[n] === 0) open[numOpen++] = n;
  const chosen = rng.sample(numOpen, count);
  for (let i = 0; i < count; i++) flags[open[chosen[i] as number] as number] = 1;
}

/** The product is not trusted beyond 9 digits: 10 * (1 - 0.9) is 0.9999999999999998. */
function numHiddenOf(ratio: number, numTokens: number): number {
  const kept = Math.floor(numTokens * (1 - ratio) + 1e-9);
  return numTokens - Math.min(Math.max(kept, 1), numTokens - 1);
}
