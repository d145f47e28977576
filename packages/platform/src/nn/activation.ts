import type { Tensor } from "@cell-observatory/engine";

/** The activations by their name in the config. */
export type ActivationLayer = keyof typeof activations;

/** GELU is the exact one, x times the normal distribution function; SiLU is x sigmoid(x). */
export const activations = {
  GELU: (x: Tensor) => x.gelu(),
  SiLU: (x: Tensor) => x.silu(),
} as const satisfies Readonly<Record<string, (x: Tensor) => Tensor>>;
