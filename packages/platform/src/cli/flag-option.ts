import { InvalidArgumentError, Option } from "commander";
import type { Flag, Flags, FlagValues } from "./flag.ts";

/** The commander option of a flag. */
export function flagOption(name: string, flag: Flag): Option {
  const short = flag.short === undefined ? "" : `-${flag.short}, `;
  if (flag.kind === "switch") {
    const alias = flag.alias === undefined ? "" : `--${flag.alias}, `;
    return new Option(`${short}${alias}--${name}`, flag.help);
  }
  if (flag.kind === "choice") {
    const option = new Option(`${short}--${name} <${flag.choices.join("|")}>`, flag.help);
    return withDefault(option.choices(flag.choices), flag.default);
  }
  const words = `${short}--${name} <${flag.value}>`;
  if (flag.kind === "texts") {
    const collected = (text: string, before: readonly string[] = []) => [...before, text];
    return new Option(words, flag.help).argParser(collected);
  }
  const option = withDefault(new Option(words, flag.help), flag.default);
  return flag.kind === "text" ? option : option.argParser((text) => readNumber(text, flag));
}

const withDefault = (option: Option, value: string | number | undefined): Option =>
  value === undefined ? option : option.default(value);

type NumberFlag = Extract<Flag, { kind: "integer" | "number" }>;

function readNumber(text: string, { kind, min = -Infinity, max = Infinity }: NumberFlag): number {
  const value = Number(text);
  const isRight =
    text.trim() !== "" &&
    (kind === "number" ? Number.isFinite(value) : Number.isSafeInteger(value));
  if (isRight && value >= min && value <= max) return value;
  const bounds = [
    ...(min === -Infinity ? [] : [`at least ${min}`]),
    ...(max === Infinity ? [] : [`at most ${max}`]),
  ];
  const what = kind === "integer" ? "a whole number" : "a number";
  throw new InvalidArgumentError(`Expected ${[what, ...bounds].join(", ")}.`);
}

/** What commander parsed, under the names of the flags. */
export function flagValues<F extends Flags>(
  flags: F,
  parsed: Readonly<Record<string, unknown>>,
): FlagValues<F> {
  const values = Object.entries(flags).map(([name, flag]) => {
    const option = flagOption(name, flag);
    const value = parsed[option.attributeName()];
    if (flag.kind === "texts") return [name, value ?? []];
    // commander stores --no-x as x: false
    return [name, flag.kind === "switch" ? value === !option.negate : value];
  });
  return Object.fromEntries(values) as FlagValues<F>; // commander parsed each by its own flag
}
