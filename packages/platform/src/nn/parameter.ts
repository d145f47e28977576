import { keep, type Tensor } from "@cell-observatory/engine";

/** What a module does with one of its tensors. */
export interface StateTraits {
  readonly kind: "parameter" | "buffer";
  /** False for a table that the config alone determines: it is not in the state dict. */
  readonly isSaved: boolean;
  /** True for what would lose its meaning in fewer than 32 bits, such as RoPE frequencies. */
  readonly neverNarrows: boolean;
}

const traits = new WeakMap<Tensor, StateTraits>();

/** Makes a tensor a module's parameter: it requires a gradient and outlives every scope. */
export function parameter(tensor: Tensor, { neverNarrows = false } = {}): Tensor {
  tensor.setRequiresGrad(true);
  return owned(tensor, { kind: "parameter", isSaved: true, neverNarrows });
}

/** Makes a tensor a module's buffer: part of its state, without a gradient. */
export function buffer(tensor: Tensor, { isSaved = true, neverNarrows = false } = {}): Tensor {
  return owned(tensor, { kind: "buffer", isSaved, neverNarrows });
}

/** The traits of a parameter or buffer; undefined for any other tensor. */
export function traitsOf(tensor: Tensor): StateTraits | undefined {
  return traits.get(tensor);
}

/** Hands a tensor to a module: it stays until the module is released. */
export function owned(tensor: Tensor, its: StateTraits): Tensor {
  traits.set(tensor, its);
  return keep(tensor);
}
