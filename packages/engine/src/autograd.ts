import { engine } from "./binding.ts";
import { refusePromise } from "./scope.ts";
import { Tensor } from "./tensor.ts";

export interface BackwardOptions {
  /** The gradient of the output; needed unless it has one element. */
  readonly gradient?: Tensor | undefined;
  /** Leaves that get a gradient; all that the output depends on when not given. */
  readonly inputs?: readonly Tensor[] | undefined;
  /** Keeps what the graph has saved, for another backward pass. */
  readonly retainGraph?: boolean | undefined;
  /** Records the backward pass itself, for gradients of gradients. */
  readonly createGraph?: boolean | undefined;
}

export interface GradOptions {
  /** One for each output; needed for outputs with more than one element. */
  readonly gradients?: readonly Tensor[] | undefined;
  readonly retainGraph?: boolean | undefined;
  readonly createGraph?: boolean | undefined;
}

/** Adds the gradient of `output` to the `grad` of the leaves that it depends on. */
export function backward(
  output: Tensor,
  { gradient, inputs = [], createGraph = false, retainGraph = createGraph }: BackwardOptions = {},
): void {
  engine().backward(
    [output.slot],
    gradient === undefined ? [] : [gradient.slot],
    inputs.map((x) => x.slot),
    retainGraph,
    createGraph,
  );
}

/** Gradients of the outputs' sum for chosen inputs; null for one that the outputs do not use. */
export function grad(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  { gradients = [], createGraph = false, retainGraph = createGraph }: GradOptions = {},
): (Tensor | null)[] {
  const slots = engine().grad(
    outputs.map((x) => x.slot),
    gradients.map((x) => x.slot),
    inputs.map((x) => x.slot),
    retainGraph,
    createGraph,
  );
  return slots.map((slot) => (slot === null ? null : new Tensor(slot)));
}

/** Calls `fn` without recording a graph. */
export function noGrad<T>(fn: () => T): T {
  return withGrad(false, "noGrad", fn);
}

/** Calls `fn` with recording on, inside of {@link noGrad}. */
export function enableGrad<T>(fn: () => T): T {
  return withGrad(true, "enableGrad", fn);
}

export function isGradEnabled(): boolean {
  return engine().isGradEnabled();
}

function withGrad<T>(isEnabled: boolean, where: string, fn: () => T): T {
  const native = engine();
  const before = native.setGradEnabled(isEnabled);
  try {
    const result = fn();
    refusePromise(where, result);
    return result;
  } finally {
    native.setGradEnabled(before);
  }
}

/**
 * Calls `callback` each time a backward pass has added to the `grad` of `leaf`, while the pass goes
 * on. What the callback throws ends the pass, and is thrown by `backward`. Callbacks are called in
 * the order in which they came, whichever tensor object of the leaf they were given.
 *
 * @returns a function that ends it.
 */
export function onGradReady(leaf: Tensor, callback: () => void): () => void {
  let isOn = true;
  const hook = engine().addGradReadyHook(leaf.slot, () => {
    if (isOn) callback();
  });
  return () => {
    if (!isOn) return;
    isOn = false; // a released object cannot take the hook off a leaf that lives on in others
    if (!leaf.isReleased) engine().removeGradReadyHook(leaf.slot, hook);
  };
}
