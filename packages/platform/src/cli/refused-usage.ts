import type { Command, CommanderError } from "commander";
import { hintOfHydraFlag, hintOfNoVerb } from "./hydra-flags.ts";
import { UsageError } from "./usage-error.ts";

/** The command that the words lead to, and its flags. */
interface Named {
  readonly command: string;
  readonly flags: readonly string[];
}

/** The command as far as there is one: `cello data import` of `cello data import --typo`. */
export function namedBy(args: readonly string[], program: Command): Named {
  let at = program;
  const names = args.flatMap((word) => {
    const next = at.commands.find((command) => command.name() === word);
    at = next ?? at;
    return next === undefined ? [] : [word];
  });
  const flags = at.options.flatMap(({ long }) => (long == null ? [] : [long]));
  return { command: ["cello", ...names].join(" "), flags };
}

/** What commander refuses, in our words, and what to do about it. */
export async function refusedUsage(error: CommanderError, named: Named): Promise<UsageError> {
  const { command, flags } = named;
  if (error.code === "commander.help") {
    return new UsageError("expected a verb after it", `${command} --help lists them.`);
  }
  const message = error.message.replace(/^error: /, "").replaceAll("\n", " ");
  const [, flag = "", value] = /^unknown option '(--[^=']+)(=)?/.exec(message) ?? [];
  const ofHydra = hintOfHydraFlag(flag);
  if (ofHydra !== undefined) return new UsageError(`unknown option '${flag}'`, ofHydra);
  const hint =
    (command === "cello" ? hintOfNoVerb(message) : undefined) ??
    `${command} --help shows what there is.`;
  if (value === undefined) return new UsageError(message, hint);
  if (flags.includes(flag)) return new UsageError(`${flag} takes no value`, `Write ${flag} alone.`);
  const { didYouMean } = await import("../config/index.ts"); // commander compares it with its value
  return new UsageError(`unknown option '${flag}'${didYouMean(flag, flags)}`, hint);
}
