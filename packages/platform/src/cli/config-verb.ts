import type { ComposedRun, RunConfig } from "../config/index.ts";
import type { ExitCode } from "../errors/index.ts";
import type { Flags, FlagValues } from "./flag.ts";
import type { Output } from "./output.ts";
import { UsageError } from "./usage-error.ts";
import type { Operand, Verb, VerbCall } from "./verb.ts";

/** What a verb that runs a config is handed: the call, and the composed, checked config. */
interface RunCall<F extends Flags = Flags> extends VerbCall<F> {
  /** Frozen; every key is checked, every interpolation resolved. */
  readonly config: RunConfig;
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

/** Flags of every verb that composes. */
export const composeFlags = {
  "config-name": { kind: "text", value: "NAME", help: "config, e.g. experiments/nuclei_mae" },
  "config-dir": { kind: "text", value: "DIR", help: "folder of configs, searched before our own" },
} as const satisfies Flags;

const runFlags = {
  ...composeFlags,
  cfg: { kind: "choice", choices: ["job"], help: "print the composed config, and stop" },
  resolve: { kind: "switch", help: "with --cfg: replace every ${...} by its value" },
} as const satisfies Flags;

export const overrideOperand: Operand = {
  name: "overrides",
  help: "a.b=1  +a.b=1  ++a.b=1  ~a.b  group=option",
  isOptional: true,
  isVariadic: true,
};

/** Adds Hydra's flags and the composing of the config to a verb. */
export function configVerb<const F extends Flags>(
  definition: ConfigVerb<F>,
): Verb<F & typeof runFlags> {
  const { defaultConfigName } = definition;
  return {
    name: definition.name,
    summary: definition.summary,
    ...(definition.description === undefined ? {} : { description: definition.description }),
    examples: definition.examples,
    flags: { ...definition.flags, ...runFlags },
    operands: [overrideOperand],
    async run(call) {
      const { operands, output } = call;
      const flags = call.flags as FlagValues<typeof runFlags>; // the verb's own are there too
      const configName = requireConfigName(flags["config-name"] ?? defaultConfigName);
      const composed = await composeCall({ flags, operands, configName });
      if (flags.cfg !== undefined) return printJob(composed, flags, output);
      const { config } = composed;
      return definition.run({
        ...(call as VerbCall<Flags> as VerbCall<F>),
        config,
        configName,
        overrides: operands,
      });
    },
  };
}

/** @throws {@link UsageError} when no config is named. */
export function requireConfigName(name: string | undefined): string {
  if (name !== undefined) return name;
  throw new UsageError("expected --config-name NAME", "`cello config list` prints the names.");
}

async function composeCall({
  flags,
  operands,
  configName,
}: Pick<VerbCall<typeof composeFlags>, "flags" | "operands"> & { readonly configName: string }) {
  const { composeRun } = await import("../config/index.ts");
  const dir = flags["config-dir"];
  const configDirs = dir === undefined ? [] : [dir];
  return composeRun({ configName, overrides: operands, configDirs, env: process.env });
}

async function printJob(
  { composition, config }: ComposedRun,
  { resolve }: Pick<FlagValues<typeof runFlags>, "resolve">,
  output: Output,
): Promise<ExitCode> {
  const { printYaml } = await import("../config/index.ts");
  output.json(config);
  output.line(printYaml(resolve ? composition.resolved : composition.written).trimEnd());
  return 0;
}
