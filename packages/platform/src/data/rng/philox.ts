/** Four 32-bit words: a counter that names a place in the sequence, or the random words found there. */
export type Words = readonly [number, number, number, number];

/** Two 32-bit words that choose one of 2^64 independent sequences. */
export type Key = readonly [number, number];

/**
 * Philox4x32-10: the random words at one place of a sequence, without a state to carry along.
 *
 * The same counter and key give the same words on every machine, so a draw can depend on (seed,
 * epoch, index) alone, and a run that is resumed draws what it would have drawn.
 *
 * Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", section 3.3. The
 * constants are theirs; the known answers in the test are those of their library, Random123.
 */
export function philox4x32(counter: Words, key: Key): Words {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = product(0xd2511f53, c0);
    const [high1, low1] = product(0xcd9e8d57, c2);
    [c0, c1, c2, c3] = [high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0];
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
}

/** The 64 bits of a product of two unsigned 32-bit words, as (high, low). */
function product(a: number, b: number): readonly [high: number, low: number] {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16); // below 2^32 + 2^16: exact in a double
  const carry = aLow * bHigh + (middle % 0x10000);
  const high = aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000);
  return [high | 0, Math.imul(a, b)];
}
