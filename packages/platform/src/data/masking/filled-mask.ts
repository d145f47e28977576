import type { BlockSize } from "./block-size.ts";
import { type Blocks, drawStart } from "./blocked-mask.ts";
import { type MaskGrid, numTokensOf } from "./mask-grid.ts";
import type { MaskPlan } from "./mask-plan.ts";
import { hideAmong } from "./random-mask.ts";

/** How often a block is placed anew before it is left out. */
const tries = 10;

/**
 * BLOCKED_WITH_RANDOM_FILL: just round(N * ratio) tokens of each sample. Each block is placed where
 * it does not exceed that number, or left out after 10 tries; single tokens, drawn at random, fill
 * the rest.
 */
export function filledMask(ratio: number, { sizeIn, numBlocks }: Blocks): MaskPlan {
  return {
    quota(grid) {
      const numTokens = numTokensOf(grid);
      return Math.min(Math.max(Math.round(numTokens * ratio), 1), numTokens - 1);
    },
    draw(grid, numHidden, rng) {
      const flags = new Uint8Array(numTokensOf(grid));
      const size = sizeIn(grid);
      let numOpen = numHidden;
      for (let block = 0; block < numBlocks; block++) {
        for (let tried = 0; tried < tries; tried++) {
          const tokens = blockTokens(grid, drawStart(grid, size, rng), size);
          const numNew = tokens.reduce((sum, n) => sum + 1 - (flags[n] ?? 0), 0);
          if (numNew > numOpen) continue;
          for (const n of tokens) flags[n] = 1;
          numOpen -= numNew;
          break;
        }
      }
      hideAmong(flags, numOpen, rng);
      return flags;
    },
  };
}

function blockTokens(grid: MaskGrid, start: readonly number[], size: BlockSize): Int32Array {
  let tokens = Int32Array.of(0);
  for (const [a, count] of grid.counts.entries()) {
    const length = size[a] ?? count;
    const next = new Int32Array(tokens.length * length);
    for (let i = 0; i < next.length; i++) {
      next[i] = (tokens[Math.floor(i / length)] ?? 0) * count + (start[a] ?? 0) + (i % length);
    }
    tokens = next;
  }
  return tokens;
}
