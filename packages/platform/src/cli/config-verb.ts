import type { Job, JobRequest, RunConfig } from "../config/index.ts";
import type { ExitCode } from "../errors/index.ts";
import { type Flags, type FlagValues, usualValues } from "./flag.ts";
import type { Output } from "./output.ts";
import { ensureShown, overrideOperand, requireConfigName, runFlags } from "./run-flags.ts";
import { showJob, showTree } from "./show-config.ts";
import type { Verb, VerbCall } from "./verb.ts";

/** What a verb that runs a config is handed: the call, and the composed, checked config. */
export interface RunCall<F extends Flags = Flags> extends VerbCall<F> {
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
  /** One run; a list of runs, or a sweep, is as many processes, each with one. */
  run(call: RunCall<F>): Promise<ExitCode | undefined>;
}

/** A verb that composes by itself, and can be handed a config that is composed already. */
interface ComposingVerb<F extends Flags> extends Verb<F & typeof runFlags> {
  /** Does one run, without any flag but these. */
  start(call: Omit<RunCall<F>, "flags">, flags?: Partial<FlagValues<F>>): ReturnType<Verb["run"]>;
}

/** Adds Hydra's flags and the composing of the config to a verb. */
export function configVerb<const F extends Flags>(definition: ConfigVerb<F>): ComposingVerb<F> {
  const { defaultConfigName } = definition;
  return {
    start: (call, flags = {}) =>
      definition.run({ ...call, flags: { ...usualValues(definition.flags), ...flags } }),
    name: definition.name,
    summary: definition.summary,
    ...(definition.description === undefined ? {} : { description: definition.description }),
    examples: definition.examples,
    flags: { ...definition.flags, ...runFlags },
    operands: [overrideOperand],
    async run(call) {
      const { operands, output } = call;
      const flags = call.flags as FlagValues<typeof runFlags>; // the verb's own are there too
      ensureShown(flags);
      const request = requestOf(flags, operands, defaultConfigName);
      if (flags.info !== undefined) return showTree(request, output);
      const { planJob } = await import("../config/index.ts");
      const job = planJob(request);
      noteWarningsOf(job, output);
      if (flags.cfg !== undefined) return showJob(job, flags, output);
      const { ensureNoSecretInNames } = await import("./secret-name-error.ts");
      if (job.kind === "several") {
        const { runSeveral } = await import("./run-several.ts");
        const own = call.flags as FlagValues<Flags>;
        return runSeveral(job, { ...call, verb: definition.name, own, flags: definition.flags });
      }
      if (flags["fail-fast"]) output.note("--fail-fast: without effect, since this is one run");
      const { config } = job;
      ensureNoSecretInNames(config);
      return definition.run({
        ...(call as VerbCall<Flags> as VerbCall<F>),
        config,
        configName: request.configName,
        overrides: operands,
      });
    },
  };
}

/** What composing has warned of; the runs of a list, and of a sweep, tell their own. */
export const noteWarningsOf = (job: Job, output: Output): void =>
  noteWarnings((job.kind === "one" ? job.composition : job.list)?.warnings ?? [], output);

export function noteWarnings(warnings: Iterable<string>, output: Output): void {
  for (const text of warnings) output.note(`warning: ${text}`);
}

export function requestOf(
  flags: Pick<FlagValues<typeof runFlags>, "config-name" | "config-dir" | "multirun">,
  operands: readonly string[],
  defaultConfigName?: string,
): JobRequest {
  return {
    configName: requireConfigName(flags["config-name"] ?? defaultConfigName, operands),
    overrides: operands,
    configDirs: flags["config-dir"],
    env: process.env,
    isSweep: flags.multirun,
  };
}
