import { philoxInto } from "../../rng/index.ts";

/** Which shuffle: equal places give equal orders. */
export interface ShufflePlace {
  readonly seed: number;
  readonly epoch: number;
  /** How often the epoch went through all numbers before. */
  readonly pass?: number;
  /** Shuffles that are not of the same things; 0 unless told. */
  readonly stream?: number;
}

const rounds = 6;

/**
 * Where number `index` of `0 .. size - 1` goes in a random order: a permutation that is computed
 * number by number, so that an epoch can begin anywhere and no list is kept.
 *
 * It is a Feistel network over the smallest even number of bits that holds `size`, walked again
 * while it leads outside. Source: Black and Rogaway 2002, "Ciphers with Arbitrary Finite Domains",
 * the generalised-Feistel and cycle-walking ciphers; the round function is Philox.
 */
export function shuffledIndex(
  index: number,
  size: number,
  { seed, epoch, pass = 0, stream = 0 }: ShufflePlace,
): number {
  const half = Math.ceil(Math.log2(Math.max(size, 2)) / 2);
  const mask = 2 ** half - 1;
  const key = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0] as const;
  const words = new Uint32Array(4);
  let at = index;
  do {
    let left = Math.floor(at / 2 ** half);
    let right = at & mask;
    for (let round = 0; round < rounds; round++) {
      const place = [right, pass * rounds + round, epoch >>> 0, 0x73687566 + stream] as const;
      philoxInto(words, place, key);
      [left, right] = [right, (left ^ (words[0] ?? 0)) & mask];
    }
    at = left * 2 ** half + right;
  } while (at >= size);
  return at;
}
