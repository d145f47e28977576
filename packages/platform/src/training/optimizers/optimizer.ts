import type { Tensor } from "@cell-observatory/engine";

/** Turns the gradients of its parameters into changes of them, and can say where it stands. */
export interface Optimizer {
  /** One update with learning rate `lr`; parameters without a gradient stay as they are. */
  step(lr: number): void;
  /** Forgets all gradients. */
  zeroGrad(): void;
  /** Its running tensors by name, as a checkpoint holds them; the optimizer owns them. */
  state(): ReadonlyMap<string, Tensor>;
  /** Updates made so far. */
  readonly numSteps: number;
  /** Sets `numSteps` when its tensors were filled from a checkpoint. */
  resumeAt(numSteps: number): void;
}
