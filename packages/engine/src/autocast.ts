import { engine } from "./binding.ts";
import { type Dtype, dtypeCode } from "./dtype.ts";
import { refusePromise } from "./scope.ts";

export interface AutocastOptions {
  readonly device?: "cpu" | "cuda" | undefined;
  /** What matrix products and convolutions compute in. */
  readonly dtype?: Extract<Dtype, "bfloat16" | "float16"> | undefined;
  readonly enabled?: boolean | undefined;
}

/**
 * Calls `fn` while libtorch picks each operator's dtype: products in `dtype`, sums and norms in
 * float32. Weights are cast once, and kept until the outermost autocast ends.
 */
export function autocast<T>(
  { device = "cpu", dtype = "bfloat16", enabled = true }: AutocastOptions,
  fn: () => T,
): T {
  const native = engine();
  const [wasEnabled, dtypeBefore] = native.setAutocast(device, enabled, dtypeCode(dtype));
  native.nestAutocast(1);
  try {
    const result = fn();
    refusePromise("autocast", result);
    return result;
  } finally {
    native.nestAutocast(-1);
    native.setAutocast(device, wasEnabled !== 0, dtypeBefore);
  }
}
