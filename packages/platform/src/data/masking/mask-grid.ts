import { MaskError } from "./mask-error.ts";

/** The tokens of a sample, in row-major order of its axes; a `TokenGrid` of `nn` is one. */
export interface MaskGrid {
  /** Names of the axes, slowest first, of T, Z, Y and X. */
  readonly axes: readonly string[];
  /** Tokens along each axis. */
  readonly counts: readonly number[];
}

/** @throws {@link MaskError} when there are not two tokens, one to see and one to predict. */
export function numTokensOf({ axes, counts }: MaskGrid): number {
  const numTokens = counts.reduce((product, count) => product * count, 1);
  if (numTokens >= 2) return numTokens;
  const sizes = counts.map((count, a) => `${axes[a]}=${count}`).join(" ");
  throw new MaskError(`expected at least 2 tokens to mask, got a grid of ${sizes}`);
}
