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
];

/** Internal operators that check their arguments all the same. */
const checkedInternals: ReadonlySet<string> = new Set([
  "aten::_foreach_mul_.Scalar",
  "aten::_foreach_norm.Scalar",
  "aten::_fused_adamw_",
]);

const unboundedWork = "does work that grows with the value of an integer, without a limit";

const single: Readonly<Record<string, string>> = {
  "aten::chunk": unboundedWork,
};

/** Why an operator trusts its caller; undefined when it does not. */
export function whyUnchecked(name: string): string | undefined {
  if (checkedInternals.has(name)) return undefined;
  return families.find(({ pattern }) => pattern.test(name))?.reason ?? single[name];
}
