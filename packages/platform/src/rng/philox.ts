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
  const out = new Uint32Array(4);
  philoxInto(out, counter, key);
  return [out[0] ?? 0, out[1] ?? 0, out[2] ?? 0, out[3] ?? 0];
}

/** {@link philox4x32} without garbage: the words are written to `out`. */
export function philoxInto(out: Uint32Array, counter: Words, key: Key): void {
  let x0 = counter[0] >>> 0;
  let x1 = counter[1] >>> 0;
  let x2 = counter[2] >>> 0;
  let x3 = counter[3] >>> 0;
  let k0 = key[0] | 0;
  let k1 = key[1] | 0;
  for (let round = 0; round < 10; round++) {
    const low0 = Math.imul(0xd2511f53, x0) >>> 0;
    const low1 = Math.imul(0xcd9e8d57, x2) >>> 0;
    // The product in a double is off by at most 2^10, so that rounding its upper half is exact.
    const high0 = ((0xd2511f53 * x0 - low0) * 2 ** -32 + 0.5) >>> 0;
    const high1 = ((0xcd9e8d57 * x2 - low1) * 2 ** -32 + 0.5) >>> 0;
    x0 = (high1 ^ x1 ^ k0) >>> 0;
    x2 = (high0 ^ x3 ^ k1) >>> 0;
    x1 = low1;
    x3 = low0;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  out[0] = x0;
  out[1] = x1;
  out[2] = x2;
  out[3] = x3;
}
