/** Which checkpoints to keep. */
export interface KeepPolicy {
  /** The newest ones; at least two, so that a damaged newest one never is the only one. */
  readonly keep_last: number;
  /** Each one whose step is a multiple of this is kept for good; null: none is. */
  readonly keep_every: number | null;
}

/**
 * The steps whose checkpoints may go, oldest first.
 *
 * The newest `keep_last` (two at least), multiples of `keep_every` and the best one stay.
 */
export function stepsToRemove(
  steps: readonly number[],
  best: number | null,
  { keep_last, keep_every }: KeepPolicy,
): readonly number[] {
  const ascending = steps.toSorted((a, b) => a - b);
  const newest = new Set(ascending.slice(-Math.max(2, keep_last)));
  return ascending.filter((step) => {
    const isMilestone = keep_every !== null && step % keep_every === 0;
    return !newest.has(step) && step !== best && !isMilestone;
  });
}
