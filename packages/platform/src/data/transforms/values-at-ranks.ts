const halfBits = 16;
const numHalves = 1 << halfBits;

/**
 * The values that stand at some ranks, from 0, once all are sorted; NaN comes last. Two passes and no
 * sorting: floats are ordered as their bits are, so the upper 16 of them are counted first, and the
 * lower 16 only of the values that share their upper half with a wanted one.
 */
export function valuesAtRanks(values: Float32Array, ranks: readonly number[]): readonly number[] {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const upper = upperCounts(words);
  const wanted = ranks.map((rank) => placeOf(upper, rank));
  const halves = [...new Set(wanted.map(({ half }) => half))];
  const lower = lowerCounts(words, halves);
  const result = new Uint32Array(ranks.length);
  wanted.forEach(({ half, rest }, i) => {
    const low = placeOf(lower[halves.indexOf(half)] ?? new Uint32Array(), rest).half;
    result[i] = unordered(((half << halfBits) | low) >>> 0);
  });
  return [...new Float32Array(result.buffer)];
}

/** Four tables, so that neighbours with the same upper half do not wait for each other. */
function upperCounts(words: Uint32Array): Uint32Array {
  const counts = new Uint32Array(4 * numHalves);
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number;
    const at = ((i & 3) << halfBits) | (ordered(word) >>> halfBits);
    counts[at] = (counts[at] as number) + 1;
  }
  const [a, b, c, d] = [0, 1, 2, 3].map((t) => counts.subarray(t * numHalves, (t + 1) * numHalves));
  for (let i = 0; i < numHalves; i++) {
    counts[i] = (a?.[i] ?? 0) + (b?.[i] ?? 0) + (c?.[i] ?? 0) + (d?.[i] ?? 0);
  }
  return counts.subarray(0, numHalves);
}

/** One pass for all of these upper halves: most values have none of them, and are only looked at. */
function lowerCounts(words: Uint32Array, halves: readonly number[]): readonly Uint32Array[] {
  const tableOf = new Uint8Array(numHalves); // from 1 on; 0: not wanted
  halves.forEach((half, i) => {
    tableOf[half] = i + 1;
  });
  const counts = new Uint32Array(halves.length * numHalves);
  for (let i = 0; i < words.length; i++) {
    const word = ordered(words[i] as number);
    const table = tableOf[word >>> halfBits] as number;
    if (table === 0) continue;
    const at = ((table - 1) << halfBits) | (word & (numHalves - 1));
    counts[at] = (counts[at] as number) + 1;
  }
  return halves.map((_, i) => counts.subarray(i * numHalves, (i + 1) * numHalves));
}

/** The bits of a float, changed so that they compare as whole numbers without a sign. */
function ordered(bits: number): number {
  return (bits ^ ((bits >> 31) | 0x80000000)) >>> 0;
}

function unordered(word: number): number {
  return word >>> 31 === 1 ? (word ^ 0x80000000) >>> 0 : ~word >>> 0;
}

/** The entry in which a rank falls, and the rank among that entry's values. */
function placeOf(
  counts: Uint32Array,
  rank: number,
): { readonly half: number; readonly rest: number } {
  let rest = rank;
  let half = 0;
  while (rest >= (counts[half] ?? 0) && half < numHalves - 1) {
    rest -= counts[half] ?? 0;
    half++;
  }
  return { half, rest };
}
