import type { Tensor } from "@cell-observatory/engine";

/**
 * Gives each patch [... P] mean 0 and variance 1 (with P - 1 in the divisor), but for constant ones.
 *
 * Source: He et al. 2022, section 4.1, "reconstruction target"; 1e-6 as in their code.
 */
export function normalizedPatches(patches: Tensor): Tensor {
  const mean = patches.mean(-1, true);
  const variance = patches.var(-1, true);
  return patches.sub(mean).mul(variance.add(1e-6).rsqrt());
}
