import type { ExitCode } from "../errors/index.ts";
import type { Flags, FlagValues } from "./flag.ts";
import type { Output } from "./output.ts";

/** What stands after the verb and is no flag: `cello data import FILE...`. */
export interface Operand {
  readonly name: string;
  readonly help: string;
  readonly isOptional?: boolean;
  /** Takes all that follow; only the last operand may. */
  readonly isVariadic?: boolean;
  /** What it may be, for the shell's completion. */
  choices?(): Promise<readonly string[]>;
}

/** What a verb is handed when it runs. */
export interface VerbCall<F extends Flags = Flags> {
  readonly flags: FlagValues<F>;
  readonly operands: readonly string[];
  /**
   * Aborted by the first Ctrl-C, SIGTERM or SIGUSR1; its reason is a `StopRequest`. The second one
   * ends the process at once, whatever runs.
   */
  readonly signal: AbortSignal;
  readonly output: Output;
}

/**
 * One verb of `cello`: what its help says, and what it does. The file of a verb imports nothing
 * heavy at its top: `run` loads what it needs with `await import(...)`, so that help is quick.
 */
export interface Verb<F extends Flags = Flags> {
  readonly name: string;
  readonly summary: string;
  /** More for the verb's own help, in whole sentences. */
  readonly description?: string;
  /** Whole command lines, shown under "Examples". */
  readonly examples: readonly string[];
  readonly flags: F;
  readonly operands: readonly Operand[];
  /** Nothing returned is exit code 0; an error decides its own (`errors/exit-code.ts`). */
  run(call: VerbCall<F>): Promise<ExitCode | undefined>;
}

/** A verb that only holds others: `cello data sample`, `cello data import`. */
export interface VerbGroup {
  readonly name: string;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly verbs: readonly Verb[];
}

/** Ties the types of a verb's flags to what its `run` gets. */
export function verb<const F extends Flags>(definition: Verb<F>): Verb<F> {
  return definition;
}
