import { shuffledIndex } from "./shuffle.ts";

/** Which of `size` samples stands at a place of an epoch that goes through them `pass` times before. */
export interface OrderPlace {
  readonly epoch: number;
  readonly pass: number;
  /** From 0 to size - 1. */
  readonly index: number;
}

/** A permutation for each (epoch, pass): a function, whatever was asked before. */
export type EpochOrder = (place: OrderPlace) => number;

/** As they are listed, or shuffled over all of them. */
export function plainOrder(size: number, { seed, shuffle }: ShuffleOptions): EpochOrder {
  if (!shuffle) return ({ index }) => index;
  return ({ epoch, pass, index }) => shuffledIndex(index, size, { seed, epoch, pass });
}

interface ShuffleOptions {
  readonly seed: number;
  readonly shuffle: boolean;
}

/** Samples in groups of neighbours. */
export interface Bricks {
  /** Numbers of samples, those of a brick together. */
  readonly members: Int32Array;
  /** Where each brick begins in `members`; one more entry at the end. */
  readonly starts: Int32Array;
}

/**
 * Neighbours come near each other, and yet in random order: bricks are shuffled, and the samples of
 * each so many bricks that then follow each other (`window`) are shuffled among themselves. What one
 * sample decodes is still in the cache when its neighbours come.
 */
export function brickOrder(
  { members, starts }: Bricks,
  { seed, window }: { readonly seed: number; readonly window: number },
): EpochOrder {
  const numBricks = starts.length - 1;
  // Two tables are kept, since samples are announced a pass ahead of the one that is being read.
  let [newest, other]: (KeptWindows | null)[] = [null, null];
  const windowsAt = (epoch: number, pass: number): Windows => {
    if (newest?.epoch === epoch && newest.pass === pass) return newest.windows;
    const isOther = other?.epoch === epoch && other.pass === pass;
    const found =
      isOther && other
        ? other
        : { epoch, pass, windows: windowsOf(starts, { seed, epoch, pass, window }) };
    [newest, other] = [found, newest];
    return found.windows;
  };
  return ({ epoch, pass, index }) => {
    const { bricks, ends } = windowsAt(epoch, pass);
    const at = firstAbove(ends, index);
    const begin = at === 0 ? 0 : (ends[at - 1] ?? 0);
    const size = (ends[at] ?? 0) - begin;
    const place = { seed, epoch, pass: pass * ends.length + at, stream: 1 };
    let left = shuffledIndex(index - begin, size, place);
    for (let i = at * window; i < Math.min(numBricks, (at + 1) * window); i++) {
      const brick = bricks[i] ?? 0;
      const count = (starts[brick + 1] ?? 0) - (starts[brick] ?? 0);
      if (left < count) return members[(starts[brick] ?? 0) + left] ?? 0;
      left -= count;
    }
    throw new RangeError(`no sample ${index}: there are ${members.length}`);
  };
}

interface Windows {
  /** Bricks in the epoch's order. */
  readonly bricks: Int32Array;
  /** Samples that come before the end of each window. */
  readonly ends: Float64Array;
}

interface KeptWindows {
  readonly epoch: number;
  readonly pass: number;
  readonly windows: Windows;
}

function windowsOf(
  starts: Int32Array,
  {
    window,
    ...place
  }: {
    readonly seed: number;
    readonly epoch: number;
    readonly pass: number;
    readonly window: number;
  },
): Windows {
  const numBricks = starts.length - 1;
  const bricks = Int32Array.from({ length: numBricks }, (_, i) =>
    shuffledIndex(i, numBricks, place),
  );
  const ends = new Float64Array(Math.ceil(numBricks / window));
  let sum = 0;
  bricks.forEach((brick, i) => {
    sum += (starts[brick + 1] ?? 0) - (starts[brick] ?? 0);
    ends[Math.floor(i / window)] = sum;
  });
  return { bricks, ends };
}

/** The first of ascending numbers that is above `value`. */
function firstAbove(ascending: Float64Array, value: number): number {
  let [low, high] = [0, ascending.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
