import type { RandomStream } from "../rng/random-stream.ts";

/**
 * The number of tokens that `ratio` hides: N - floor(N * (1 - ratio)), with at least one token on
 * either side. The product is not trusted beyond 9 digits: 10 * (1 - 0.9) is 0.9999999999999998.
 */
export function numHiddenOf(ratio: number, numTokens: number): number {
  const kept = Math.floor(numTokens * (1 - ratio) + 1e-9);
  return numTokens - Math.min(Math.max(kept, 1), numTokens - 1);
}

/** Flags [N] of just `numHidden` tokens, every choice of them equally likely. */
export function randomMask(numTokens: number, numHidden: number, rng: RandomStream): Uint8Array {
  const flags = new Uint8Array(numTokens);
  for (const n of rng.sample(numTokens, numHidden)) flags[n] = 1;
  return flags;
}
