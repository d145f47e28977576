/** How two sets of names, shapes and dtypes differ. */
export interface StateReport {
  /** In the module, not in what was given. */
  readonly missing: readonly string[];
  /** In what was given, not in the module. */
  readonly unexpected: readonly string[];
  readonly mismatched: readonly StateMismatch[];
}

/** One name with two different tensors, each as "float32 [6, 4]". */
export interface StateMismatch {
  readonly name: string;
  readonly expected: string;
  readonly actual: string;
}
