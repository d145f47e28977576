import type { RunConfig } from "../config/index.ts";
import type { ExitCode } from "../errors/index.ts";
import type { Flags } from "./flag.ts";
import type { Verb, VerbCall } from "./verb.ts";

/** What a verb that runs a config is handed: the call, and the composed, checked config. */
export interface RunCall<F extends Flags = Flags> extends VerbCall<F> {
  /** Frozen; every key is checked, every interpolation resolved. */
  readonly config: RunConfig;
  /** --check: one batch end to end and the estimates, then stop. */
  readonly isCheck: boolean;
  /** The `--config-name` that was composed, as typed. */
  readonly configName: string;
  /** The override operands, as typed. */
  readonly overrides: readonly string[];
}

/** A verb that runs a config. Hydra's flags and the override operands are added to its own. */
export interface ConfigVerb<F extends Flags>
  extends Pick<Verb<F>, "name" | "summary" | "description" | "examples" | "flags"> {
  /** Used when `--config-name` is not given; without it the flag must be given. */
  readonly defaultConfigName?: string;
  run(call: RunCall<F>): Promise<ExitCode | undefined>;
}

const configFlags = {
  "config-name": {
    kind: "text",
    value: "NAME",
    help: "config to run, e.g. experiments/nuclei_mae",
  },
  "config-dir": { kind: "text", value: "DIR", help: "folder of configs that is searched first" },
  cfg: { kind: "choice", choices: ["job"], help: "print the composed config, and stop" },
  check: { kind: "switch", help: "one batch end to end and the estimates, then stop" },
} as const satisfies Flags;

/** Adds Hydra's flags and the composing of the config to a verb. */
export function configVerb<const F extends Flags>(
  definition: ConfigVerb<F>,
): Verb<F & typeof configFlags> {
  return {
    ...definition,
    flags: { ...definition.flags, ...configFlags },
    operands: [
      {
        name: "overrides",
        help: "a.b=1  +a.b=1  ++a.b=1  ~a.b  group=option",
        isOptional: true,
        isVariadic: true,
      },
    ],
    run: async () => {
      throw new Error("composing follows");
    },
  };
}
