import { CellError } from "../../errors/index.ts";
import { type Source, showSource } from "../node/source.ts";

/** One thing that is wrong with a config, and where. */
export interface Problem {
  /** Dotted path of the value: "trainer.epochs". */
  readonly key: string;
  readonly message: string;
  /** null: no one place, as for a config that is not there. */
  readonly source: Source | null;
  /** What to do about it, where the message does not say. */
  readonly hint?: string;
}

/** What a config is refused for: one problem, or several that were found together. */
export abstract class ConfigError extends CellError {
  abstract readonly problems: readonly Problem[];
}

/** One thing that is wrong, at one place. */
abstract class OneProblemError extends ConfigError {
  readonly hint: string;
  readonly problems: readonly Problem[];

  constructor(problem: Problem & { readonly hint: string }) {
    const { message, source, hint } = problem;
    super(source === null ? message : `${showSource(source)}: ${message}`);
    this.hint = hint;
    this.problems = [problem];
  }
}

/** A config file is not YAML that we read: syntax, a number that is not exact, a size cap. */
export class ConfigYamlError extends OneProblemError {
  readonly code = "CONFIG_YAML";

  constructor(
    source: Source,
    message: string,
    hint = "Correct the file at that place; docs/reference/errors.md lists what configs may hold.",
  ) {
    super({ key: "", message, source, hint });
  }
}

/** A config, a group or an option that is not in the search path. */
export class ConfigNotFoundError extends OneProblemError {
  readonly code = "CONFIG_NOT_FOUND";

  /** @param source - what asks for it: a line of a defaults list, or an override. */
  constructor(message: string, hint: string, source: Source | null = null) {
    super({ key: "", message, source, hint });
  }
}

/** A `defaults:` list says something that cannot be composed. */
export class ConfigDefaultsError extends OneProblemError {
  readonly code = "CONFIG_DEFAULTS";

  constructor(
    source: Source,
    message: string,
    hint = "Defaults lists hold names, `group: option`, `override group: option` and `_self_`.",
  ) {
    super({ key: "", message, source, hint });
  }
}

/** An override operand that is not in Hydra's grammar, or has nothing to act on. */
export class ConfigOverrideError extends OneProblemError {
  readonly code = "CONFIG_OVERRIDE";

  constructor(override: string, message: string, hint: string) {
    super({ key: "", message, source: { kind: "override", text: override }, hint });
  }
}

/** A `${...}` that leads nowhere, in a circle, or to a resolver that there is not. */
export class ConfigInterpolationError extends OneProblemError {
  readonly code = "CONFIG_INTERPOLATION";
  /** It leads to a value that is `???`: whoever knows it has only not said it yet. */
  readonly isToBeGiven: boolean;

  constructor(
    source: Source,
    message: string,
    hint = "${a.b} is a key of the composed config, ${.b} one beside this; ${oc.env:NAME,default} is the environment.",
    { key = "", isToBeGiven = false } = {},
  ) {
    super({ key, message, source, hint });
    this.isToBeGiven = isToBeGiven;
  }

  /** The same, as the fault of the key whose value cannot be told. */
  ofKey(key: string): ConfigInterpolationError {
    const [problem] = this.problems;
    const { hint, isToBeGiven } = this;
    return problem?.source
      ? new ConfigInterpolationError(problem.source, problem.message, hint, { key, isToBeGiven })
      : this;
  }
}

/** The composed config is not one that can run; every problem is in it, each with its place. */
export class ConfigInvalidError extends ConfigError {
  readonly code = "CONFIG_INVALID";
  readonly hint = "Nothing was started. Correct each place that is listed.";
  readonly problems: readonly Problem[];

  constructor(configName: string, problems: readonly Problem[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    const lines = problems.map(({ key, message, source, hint }, i) => {
      const place = source === null ? "" : `${showSource(source)}: `;
      // the same advice for several is given once, below the last of them
      const advice = hint === undefined || hint === problems[i + 1]?.hint ? "" : `\n    ${hint}`;
      return `  ${place}${key === "" ? "" : `${key} `}${message}${advice}`;
    });
    super(`${count} in ${configName}\n${lines.join("\n")}`);
    this.problems = problems;
  }
}
