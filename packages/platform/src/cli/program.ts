import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { type ExitCode, exitCodeOf, explained, formatError } from "../errors/index.ts";
import type { ChildReport } from "../launch/index.ts";
import { hideSecrets } from "../secrets/index.ts";
import { flagOption, flagValues } from "./flag-option.ts";
import { inLongForm } from "./hydra-flags.ts";
import { createOutput } from "./output.ts";
import { namedBy, refusedUsage } from "./refused-usage.ts";
import { StopRequest } from "./stop-request.ts";
import type { Verb, VerbGroup } from "./verb.ts";
import { type VerbEntry, verbs } from "./verbs.ts";

/** What the command line may touch of the process. */
export interface Surroundings {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly signal: AbortSignal;
  /** Told of every result, and of the error that it ends with, for the process that started this. */
  report?(report: ChildReport): void;
}

/**
 * Runs one command line, the arguments after `cello`, and returns what the process ends with.
 * Every error ends here, as text on standard error; none is thrown.
 */
export async function runCommandLine(
  typed: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  const args = inLongForm(typed);
  const { stderr, signal } = surroundings;
  let exitCode: ExitCode = 0;
  const program = frame("cello", surroundings)
    .description("Train, evaluate and apply models on 3-D and 4-D microscopy.")
    .version(version())
    .addHelpText("after", "\ncello VERB --help shows the flags of a verb, with examples.");
  const end = (code: ExitCode) => {
    exitCode = code;
  };
  const named = args.find((word) => !word.startsWith("-"));
  for (const entry of [...verbs, ...unlisted.filter(({ name }) => name === named)]) {
    if (named === entry.name) addVerb(program, await entry.load(), { ...surroundings, end });
    else program.command(entry.name).summary(entry.summary).description(entry.summary);
  }
  try {
    await program.parseAsync(args.length === 0 ? ["--help"] : asked(args, program), {
      from: "user",
    });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0; // help and version
    if (error instanceof StopRequest || (signal.aborted && isAbort(error))) {
      stderr.write(`${signal.reason instanceof Error ? signal.reason.message : "stopped"}\n`);
      return 130;
    }
    const known =
      error instanceof CommanderError
        ? await refusedUsage(error, namedBy(args, program))
        : explained(error);
    const text = hideSecrets(formatError(known, { withStack: args.includes("--trace") }));
    stderr.write(`${text}\n`);
    surroundings.report?.({ kind: "error", text });
    return exitCodeOf(known);
  }
}

/** Help is asked of a verb that there is: of another, that there is none is what helps. */
function asked(args: readonly string[], program: Command): string[] {
  const isKnown = (word: string) => program.commands.some((command) => command.name() === word);
  const [first = ""] = args;
  const isHelp = (word: string) => word === "--help" || word === "-h";
  return first.startsWith("-") || isKnown(first) ? [...args] : args.filter((word) => !isHelp(word));
}

/** Nobody types these: shells do. */
const unlisted: readonly VerbEntry[] = [
  {
    name: "complete",
    summary: "print what the last word of a command line may go on with",
    load: async () => (await import("./complete.ts")).complete,
  },
];

function version(): string {
  const path = join(import.meta.dirname, "../../package.json");
  return (JSON.parse(readFileSync(path, "utf8")) as { readonly version: string }).version;
}

const isAbort = (error: unknown) => error instanceof Error && error.name === "AbortError";

interface VerbFrame extends Surroundings {
  readonly end: (code: ExitCode) => void;
}

function addVerb(parent: Command, verb: Verb | VerbGroup, surroundings: VerbFrame): void {
  const command = frame(verb.name, surroundings).summary(verb.summary);
  const examples = verb.examples.map((line) => `  ${line}`).join("\n");
  command.addHelpText("after", `\nExamples:\n${examples}`);
  parent.addCommand(command);
  if ("verbs" in verb) {
    command.description(verb.summary);
    for (const one of verb.verbs) addVerb(command, one, surroundings);
  } else addAction(command, verb, surroundings);
}

function addAction(command: Command, verb: Verb, frame: VerbFrame): void {
  const { end, signal, report, ...streams } = frame;
  const description = verb.description?.replaceAll("\n", " "); // commander breaks lines to the terminal
  command.description([verb.summary, description].filter(Boolean).join("\n\n"));
  for (const { name, help, isOptional, isVariadic } of verb.operands) {
    const word = isVariadic ? `${name}...` : name;
    command.argument(isOptional ? `[${word}]` : `<${word}>`, help);
  }
  for (const [name, flag] of Object.entries(verb.flags)) command.addOption(flagOption(name, flag));
  command
    .option("--json", "print results as JSON, one value a line")
    .addOption(new Option("--trace", "with an error, also print where in the program it happened"))
    .action(async () => {
      const parsed = command.opts();
      const code = await verb.run({
        flags: flagValues(verb.flags, parsed),
        operands: command.processedArgs.flat().filter((word) => word !== undefined),
        signal,
        output: createOutput(streams, {
          isJson: parsed.json === true,
          onResult: (value) => report?.({ kind: "result", value }),
        }),
      });
      end(code ?? 0);
    });
}

/** A command that throws where commander would end the process, and leaves errors to us. */
function frame(name: string, { stdout }: Surroundings): Command {
  return new Command(name)
    .exitOverride()
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: () => {},
      outputError: () => {},
    });
}
