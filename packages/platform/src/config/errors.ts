import { CellError } from "../errors/index.ts";
import { type Source, showSource } from "./source.ts";

/** One thing that is wrong with a config, and where. */
export interface Problem {
  /** Dotted path of the value: "trainer.epochs". */
  readonly key: string;
  readonly message: string;
  readonly source: Source | null;
}

/** A config file is not YAML that we read: syntax, a number that is not exact, a size cap. */
export class ConfigYamlError extends CellError {
  readonly code = "CONFIG_YAML";
  readonly hint: string;
  readonly source: Source;

  constructor(
    source: Source,
    message: string,
    hint = "Correct the file at that place; docs/reference/errors.md lists what configs may hold.",
  ) {
    super(`${showSource(source)}: ${message}`);
    this.source = source;
    this.hint = hint;
  }
}

/** A config, a group or an option that is not in the search path. */
export class ConfigNotFoundError extends CellError {
  readonly code = "CONFIG_NOT_FOUND";
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** A `defaults:` list says something that cannot be composed. */
export class ConfigDefaultsError extends CellError {
  readonly code = "CONFIG_DEFAULTS";
  readonly hint: string;

  constructor(
    source: Source,
    message: string,
    hint = "Defaults lists hold names, `group: option`, `override group: option` and `_self_`.",
  ) {
    super(`${showSource(source)}: ${message}`);
    this.hint = hint;
  }
}

/** An override operand that is not in Hydra's grammar, or has nothing to act on. */
export class ConfigOverrideError extends CellError {
  readonly code = "CONFIG_OVERRIDE";
  readonly hint: string;
  readonly override: string;

  constructor(override: string, message: string, hint: string) {
    super(`override ${override}: ${message}`);
    this.override = override;
    this.hint = hint;
  }
}

/** A `${...}` that leads nowhere, in a circle, or to a resolver that there is not. */
export class ConfigInterpolationError extends CellError {
  readonly code = "CONFIG_INTERPOLATION";
  readonly hint: string;

  constructor(
    source: Source,
    message: string,
    hint = "${a.b} is a key of the composed config, ${.b} one beside this; ${oc.env:NAME,default} is the environment.",
  ) {
    super(`${showSource(source)}: ${message}`);
    this.hint = hint;
  }
}

/** The composed config is not one that can run; every problem is in it, each with its place. */
export class ConfigInvalidError extends CellError {
  readonly code = "CONFIG_INVALID";
  readonly hint = "Nothing was started. `cello config print` shows where each value comes from.";
  readonly problems: readonly Problem[];

  constructor(configName: string, problems: readonly Problem[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    const lines = problems.map(({ key, message, source }) => {
      const place = source === null ? "not given" : showSource(source);
      return `  ${place}: ${key === "" ? "" : `${key} `}${message}`;
    });
    super(`${count} in ${configName}\n${lines.join("\n")}`);
    this.problems = problems;
  }
}
