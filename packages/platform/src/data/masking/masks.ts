/**
 * Which tokens of each sample are context and which are targets, under the reference platform's
 * names. Targets may be padding, which a loss leaves out by the valid voxels of its batch. B samples, N tokens, K of them context, M targets; K + M = N, and both are the same for
 * every sample. Arrays are row-major; indices are ready to be tensors of int64.
 */
export interface Masks {
  readonly numSamples: number;
  readonly numTokens: number;
  /** K: tokens that the encoder sees. */
  readonly numKept: number;
  /** [B N]: 0 context, 1 target. */
  readonly masks: Uint8Array<ArrayBuffer>;
  /** [B K], ascending in each row. */
  readonly context_masks: BigInt64Array<ArrayBuffer>;
  /** [B M], ascending in each row. */
  readonly target_masks: BigInt64Array<ArrayBuffer>;
  /** [B N]: token n is at this place of a row's context tokens followed by its targets. */
  readonly original_patch_indices: BigInt64Array<ArrayBuffer>;
  /** [B N], ascending in each row: all of them, since no token is dropped. */
  readonly patches_used: BigInt64Array<ArrayBuffer>;
  /** Channels that are hidden as a whole, as the config says; null: none. */
  readonly channels_to_mask: readonly number[] | null;
}

/**
 * Lists the tokens of B rows of N flags, 1 for targets; every row has the same number of each.
 */
export function masksOf(
  flags: Uint8Array<ArrayBuffer>,
  numSamples: number,
  channels_to_mask: readonly number[] | null,
): Masks {
  const numTokens = flags.length / numSamples;
  let numHidden = 0;
  for (let n = 0; n < numTokens; n++) numHidden += flags[n] ?? 0;
  const numKept = numTokens - numHidden;
  const indices = (length: number) => new BigInt64Array(numSamples * length);
  const context_masks = indices(numKept);
  const target_masks = indices(numHidden);
  const original_patch_indices = indices(numTokens);
  const patches_used = indices(numTokens);
  const [context, target, places, used] = [
    lowWords(context_masks),
    lowWords(target_masks),
    lowWords(original_patch_indices),
    lowWords(patches_used),
  ];
  for (let b = 0; b < numSamples; b++) {
    let nextContext = 2 * b * numKept;
    let nextTarget = 2 * b * numHidden;
    let kept = 0;
    const first = b * numTokens;
    for (let n = 0; n < numTokens; n++) {
      const at = first + n;
      used[2 * at] = n;
      if (flags[at] === 0) {
        places[2 * at] = kept++;
        context[nextContext] = n;
        nextContext += 2;
      } else {
        places[2 * at] = numKept + n - kept;
        target[nextTarget] = n;
        nextTarget += 2;
      }
    }
  }
  return {
    numSamples,
    numTokens,
    numKept,
    masks: flags,
    context_masks,
    target_masks,
    original_patch_indices,
    patches_used,
    channels_to_mask,
  };
}

/** The low 32 bits of each element lie at even places, as on every machine that Node runs on. */
function lowWords(array: BigInt64Array): Int32Array {
  return new Int32Array(array.buffer);
}
