import type { Tensor } from "@cell-observatory/engine";

/**
 * A residual stream [B N D] and the branch that is to be added to it: the sum is made together with
 * the normalisation that follows, in one pass over memory.
 */
export interface Residual {
  readonly stream: Tensor;
  /** What a block's last half has made; null at the beginning. */
  readonly branch: Tensor | null;
  /** Factor of each sample's branch, [B]; null: 1. */
  readonly scale: Tensor | null;
}

/** A stream that no branch waits for. */
export function residualOf(stream: Tensor): Residual {
  return { stream, branch: null, scale: null };
}
