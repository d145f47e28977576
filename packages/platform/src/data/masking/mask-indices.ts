/**
 * Which tokens of each sample are kept and which are hidden, as indices into the token grid.
 *
 * B samples, N tokens, K kept, M hidden; K + M = N, and both are the same for every sample. The
 * arrays are row-major and ready to be tensors of int64. The reference platform's names: `keep` is
 * its `context_masks`, `hidden` its `target_masks`, `restore` its `original_patch_indices`.
 */
export interface MaskIndices {
  readonly numSamples: number;
  readonly numTokens: number;
  readonly numKept: number;
  /** [B K], ascending in each row. */
  readonly keep: BigInt64Array<ArrayBuffer>;
  /** [B M], ascending in each row. */
  readonly hidden: BigInt64Array<ArrayBuffer>;
  /** [B N]: token n is at place `restore[n]` of a row's kept tokens followed by its hidden ones. */
  readonly restore: BigInt64Array<ArrayBuffer>;
}

/** Lists the tokens of rows of flags, 1 for hidden; every row has the same number of each. */
export function maskIndices(rows: readonly Uint8Array[]): MaskIndices {
  const numTokens = rows[0]?.length ?? 0;
  const numHidden = rows[0]?.reduce((sum, flag) => sum + flag, 0) ?? 0;
  const numKept = numTokens - numHidden;
  const [keep, hidden, restore] = [numKept, numHidden, numTokens].map(
    (length) => new BigInt64Array(rows.length * length),
  ) as [BigInt64Array<ArrayBuffer>, BigInt64Array<ArrayBuffer>, BigInt64Array<ArrayBuffer>];
  const [keepWords, hiddenWords, restoreWords] = [keep, hidden, restore].map(lowWords);
  for (const [b, row] of rows.entries()) {
    let [kept, masked] = [0, 0];
    for (const [n, isHidden] of row.entries()) {
      const place = isHidden ? numKept + masked : kept;
      if (isHidden) setWord(hiddenWords, b * numHidden + masked++, n);
      else setWord(keepWords, b * numKept + kept++, n);
      setWord(restoreWords, b * numTokens + n, place);
    }
  }
  return { numSamples: rows.length, numTokens, numKept, keep, hidden, restore };
}

/** The low 32 bits of each element lie at even places, as on every machine that Node runs on. */
function lowWords(array: BigInt64Array): Int32Array {
  return new Int32Array(array.buffer);
}

function setWord(words: Int32Array | undefined, place: number, value: number): void {
  if (words !== undefined) words[2 * place] = value;
}
