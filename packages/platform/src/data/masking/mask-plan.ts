import type { RandomStream } from "../../rng/index.ts";
import type { MaskGrid } from "./mask-grid.ts";

/** How the samples of one batch are masked: a mode with what the whole batch shares. */
export interface MaskPlan {
  /** How many tokens a sample of this grid would hide; from 1 to all but one. */
  quota(grid: MaskGrid): number;
  /** Flags [N] of just `numHidden` tokens, at most the quota. */
  draw(grid: MaskGrid, numHidden: number, rng: RandomStream): Uint8Array;
}
