import { type Key, philoxInto } from "./philox.ts";

/** What a draw depends on, and nothing else. */
export interface StreamPlace {
  /** The run's seed: a whole number from 0 to 2^53 - 1. */
  readonly seed: number;
  /** What is drawn, such as "mask": streams of different purposes share nothing. */
  readonly purpose: string;
  readonly epoch: number;
  /** The sample, batch or step that draws. */
  readonly index: number;
}

/**
 * Random numbers at one place (seed, purpose, epoch, index): ask again, get the same.
 *
 * Epochs reach 2^32 - 1, indices 2^53 - 1, and one stream holds 2^34 words; there is no state but
 * the number of words already taken.
 */
export class RandomStream {
  readonly #key: Key;
  /** Block number, index, epoch, purpose. */
  readonly #counter: [number, number, number, number];
  readonly #words = new Uint32Array(4);
  #taken = 4;

  constructor({ seed, purpose, epoch, index }: StreamPlace) {
    const [seedLow, seedHigh] = split(seed);
    const [indexLow, indexHigh] = split(index);
    this.#key = [seedLow, seedHigh ^ Math.imul(indexHigh, 0x9e3779b1)];
    this.#counter = [0, indexLow, epoch >>> 0, fnv1a(purpose)];
  }

  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number {
    if (this.#taken === 4) {
      philoxInto(this.#words, this.#counter, this.#key);
      this.#counter[0] += 1;
      this.#taken = 0;
    }
    const word = this.#words[this.#taken] ?? 0;
    this.#taken += 1;
    return word;
  }

  /** A number in [0, 1), every multiple of 2^-53 equally likely; or in [low, high). */
  uniform(low = 0, high = 1): number {
    const unit = ((this.uint32() >>> 5) * 2 ** 26 + (this.uint32() >>> 6)) * 2 ** -53;
    return low + (high - low) * unit;
  }

  /** A whole number in [low, high), all equally likely: words that would favour some are redrawn. */
  integer(low: number, high: number): number {
    const range = high - low;
    if (!(range >= 1 && range <= 2 ** 32)) {
      throw new RangeError(`integer(${low}, ${high}): expected 1 to 2^32 values`);
    }
    let word = this.uint32();
    // The words from `fair` on are fewer than `range`, at the very end: most need no division.
    if (word > 2 ** 32 - range) {
      const fair = 2 ** 32 - (2 ** 32 % range);
      while (word >= fair) word = this.uint32();
    }
    return low + (word % range);
  }

  /** `count` of the numbers 0 to size - 1, in random order, all selections equally likely. */
  sample(size: number, count: number): Int32Array {
    const order = new Int32Array(size);
    for (let i = 0; i < size; i++) order[i] = i;
    for (let i = 0; i < count; i++) {
      const other = this.integer(i, size);
      const chosen = order[other] ?? 0;
      order[other] = order[i] ?? 0;
      order[i] = chosen;
    }
    return order.subarray(0, count);
  }
}

/** The low and the high word of a whole number below 2^53. */
function split(x: number): readonly [low: number, high: number] {
  return [x >>> 0, Math.floor(x / 2 ** 32) >>> 0];
}

/** FNV-1a, 32 bits: spreads the few purposes that there are. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
