/**
 * Operators that trust their caller: with arguments that do not fit they can end the process, or
 * never return. `op` refuses them; `uncheckedOp` is for code that knows what it passes.
 *
 * Found by `test/stress`: random calls of every operator, of which none outside of this list may
 * end the process.
 */

interface Family {
  readonly pattern: RegExp;
  readonly reason: string;
}

const families: readonly Family[] = [
  {
    pattern: /^(?!aten::|cello::)/,
    reason: "belongs to a backend, to quantization or to distributed training",
  },
  {
    pattern: /^aten::_(?!_)/,
    reason: "is internal to PyTorch, which checks its arguments before it calls it",
  },
  {
    pattern: /_backward/,
    reason: "is called by autograd, with what the forward pass has saved",
  },
  {
    pattern: /^aten::(to_)?(cudnn|fbgemm|miopen|mkldnn|mps)_/,
    reason: "belongs to a backend, which PyTorch chooses after it has checked the arguments",
  },
  {
    pattern: /^aten::(choose_qparams|fake_quantize|fused_moving_avg|quantize|quantized)_/,
    reason: "belongs to quantization, which this engine does not have",
  },
  {
    pattern: /^aten::(batch_norm_|native_batch_norm)/,
    reason: "is a part of batch_norm, which checks the arguments",
  },
  {
    pattern:
      /^aten::(chunk|combinations|(array|tensor|[dhv])_?split|linalg_matrix_power|matrix_power)/,
    reason: "does work that grows with the value of an integer, without a limit",
  },
  {
    // Even with nothing to write: sizes of the result such as [2^40, 0].
    pattern: /^aten::adaptive_(avg|max)_pool/,
    reason: "does work that grows with the value of an integer, without a limit",
  },
  {
    pattern: /^aten::special_\w+_polynomial_/,
    reason: "does work that grows with the value of an integer, without a limit",
  },
  {
    pattern: /^aten::set_?\.\w+_storage_offset/,
    reason: "does not check that the tensor stays within its memory",
  },
  {
    pattern: /^aten::embedding_bag(\.|$)/,
    reason: "reads beyond its offsets when they are empty",
  },
  {
    pattern: /^aten::(random_?|range)(\.|$)/,
    reason: "does not check its limits",
  },
];

/** Internal operators that check their arguments all the same. */
const checkedInternals: ReadonlySet<string> = new Set([
  "aten::_foreach_mul_.Scalar",
  "aten::_foreach_norm.Scalar",
  "aten::_fused_adamw_",
]);

const single: Readonly<Record<string, string>> = {
  "aten::linalg_eigvals": "hands infinities to LAPACK, which ends the process",
  "aten::searchsorted.Scalar_out": "does not check the dtype of its result",
};

/** Why an operator trusts its caller; undefined when it does not. */
export function whyUnchecked(name: string): string | undefined {
  if (checkedInternals.has(name)) return undefined;
  return families.find(({ pattern }) => pattern.test(name))?.reason ?? single[name];
}
