import type { Flags, FlagValues } from "./flag.ts";
import { UsageError } from "./usage-error.ts";
import type { Operand } from "./verb.ts";

/** Flags of every verb that composes a config. */
export const composeFlags = {
  "config-name": { kind: "text", value: "NAME", help: "config, e.g. experiments/nuclei_mae" },
  "config-dir": {
    kind: "texts",
    value: "DIR",
    help: "folder of configs, searched before our own; of several, the first that has a file wins",
  },
} as const satisfies Flags;

/** Flags that say how a composed config is shown. */
export const showFlags = {
  why: {
    kind: "switch",
    help: "after each value: the file and line, or the override, that set it",
  },
  resolve: { kind: "switch", help: "replace every ${...} by its value" },
  package: {
    kind: "text",
    short: "p",
    value: "KEY",
    help: "only this part, e.g. datasets.masking",
  },
} as const satisfies Flags;

/** Hydra's flags, for every verb that runs a config; `--why`, `--resolve`, `--package` go with `--cfg`. */
export const runFlags = {
  ...composeFlags,
  multirun: {
    kind: "switch",
    short: "m",
    help: "one run for each combination of a=1,2  a=choice(x,y)  a=range(1,4)  group=glob(*)",
  },
  "fail-fast": { kind: "switch", help: "of several runs: one that fails stops those behind it" },
  cfg: {
    kind: "choice",
    short: "c",
    choices: ["job", "hydra", "all"],
    help: "print the composed config, its hydra part, or both, and stop",
  },
  ...showFlags,
  info: {
    kind: "choice",
    short: "i",
    choices: ["defaults-tree"],
    help: "print the files that the config is made of, and stop",
  },
} as const satisfies Flags;

export const overrideOperand: Operand = {
  name: "overrides",
  help: "a.b=1  +a.b=1  ++a.b=1  ~a.b  group=option",
  isOptional: true,
  isVariadic: true,
};

/**
 * Flags that say how a config is shown do nothing where none is: then they are refused, as by Hydra.
 *
 * @throws {@link UsageError} naming the first of them.
 */
export function ensureShown(flags: FlagValues<typeof runFlags>): void {
  if (flags.cfg !== undefined) return;
  const names = Object.keys(showFlags) as (keyof typeof showFlags)[];
  const lonely = names.find((name) => flags[name] !== undefined && flags[name] !== false);
  if (lonely === undefined) return;
  throw new UsageError(`--${lonely} goes with --cfg`, `For example --cfg job --${lonely}.`);
}

/** Whether a verb's operands are overrides of a config. */
export const isComposing = (operands: readonly Operand[]): boolean =>
  operands.includes(overrideOperand);

/** @throws {@link UsageError} when no config is named, or it has no letters, as of a variable without a value. */
export function requireConfigName(name: string | undefined, operands: readonly string[]): string {
  if (name) return name;
  const meant = operands.find((word) => !word.includes("=") && /^[\w./-]+$/.test(word));
  const hint = "`cello config list` prints the names.";
  throw new UsageError(
    "expected --config-name NAME",
    meant === undefined ? hint : `Did you mean --config-name=${meant}? ${hint}`,
  );
}
