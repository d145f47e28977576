import type { Flag, Flags } from "./flag.ts";
import { inLongForm } from "./hydra-flags.ts";
import { isComposing } from "./run-flags.ts";
import { type Verb, type VerbGroup, verb } from "./verb.ts";
import { verbs } from "./verbs.ts";

export const complete = verb({
  name: "complete",
  summary: "print what the last word of a command line may go on with",
  description: "What the scripts of cello completion ask; a line for each candidate.",
  examples: ['cello complete -- "cello train --config-name=exp"'],
  flags: {},
  operands: [{ name: "LINE", help: "the command line up to the cursor", isOptional: true }],
  async run({ operands: [line = ""], output }) {
    for (const word of await candidates(line)) {
      output.json(word);
      output.line(word);
    }
    return 0;
  },
});

/** What the last word may become. A word that is then finished ends in a space. */
export async function candidates(line: string): Promise<readonly string[]> {
  const [, ...typed] = line.split(/\s+/); // of `cello train x`; the last is empty behind a space
  const word = typed.pop() ?? "";
  const [first, ...rest] = typed;
  if (first === undefined) return finished(namesOf(verbs), word);
  const entry = verbs.find(({ name }) => name === first);
  if (entry === undefined) return [];
  const found = await entry.load();
  if (!("verbs" in found)) return ofVerb(found, rest, word);
  const [second, ...behind] = rest;
  if (second === undefined) return finished(namesOf(found.verbs), word);
  const inner = found.verbs.find(({ name }) => name === second);
  return inner === undefined ? [] : ofVerb(inner, behind, word);
}

const namesOf = (list: readonly Pick<Verb | VerbGroup, "name">[]) => list.map(({ name }) => name);

const finished = (words: readonly string[], start: string): readonly string[] =>
  words.filter((word) => word.startsWith(start)).map((word) => `${word} `);

async function ofVerb(
  verb: Verb,
  typed: readonly string[],
  word: string,
): Promise<readonly string[]> {
  const [long = word] = inLongForm([word]);
  const found = await goingOn(verb, typedInLong(verb.flags, typed), long);
  const [flag = ""] = /^--[a-z-]+(?==)/.exec(long) ?? [];
  const short = word.slice(0, word.indexOf("="));
  return long === word ? found : found.map((text) => short + text.slice(flag.length));
}

/** Each word with the flag that it abbreviates: `-cn` for `--config-name`, `-c` for `--cfg`. */
const typedInLong = (flags: Flags, typed: readonly string[]): readonly string[] =>
  inLongForm(typed).map((word) => {
    const named = Object.entries(flags).find(([, { short }]) => `-${short}` === word);
    return named === undefined ? word : `--${named[0]}`;
  });

async function goingOn(
  { flags, operands, name }: Verb,
  typed: readonly string[],
  word: string,
): Promise<readonly string[]> {
  const [, given = "", value] = /^--([a-z-]+)=(.*)$/s.exec(word) ?? [];
  if (value !== undefined) {
    const found = await valuesOf(given, { flags, typed, start: value });
    return found.map((text) => `--${given}=${text}`);
  }
  const [, before = ""] = /^--([a-z-]+)$/.exec(typed.at(-1) ?? "") ?? [];
  const flag = flags[before];
  if (flag !== undefined && flag.kind !== "switch") {
    return valuesOf(before, { flags, typed: typed.slice(0, -1), start: word });
  }
  if (word.startsWith("-")) return flagsLike({ ...flags, json, trace: json }, word);
  if (isComposing(operands)) return overridesLike(flags, typed, word);
  if (name === "list" && "config-dir" in flags) return groupsLike(typed, word);
  return finished((await operands.at(-1)?.choices?.()) ?? [], word);
}

const json: Flag = { kind: "switch", help: "" };

const flagsLike = (flags: Flags, word: string): readonly string[] =>
  Object.entries(flags)
    .filter(([name]) => `--${name}`.startsWith(word))
    .map(([name, { kind }]) => (kind === "switch" ? `--${name} ` : `--${name}=`));

interface Typing {
  readonly flags: Flags;
  /** The words before the value. */
  readonly typed: readonly string[];
  readonly start: string;
}

async function valuesOf(name: string, { flags, typed, start }: Typing): Promise<readonly string[]> {
  const flag = flags[name];
  if (flag?.kind === "choice") return finished(flag.choices, start);
  if (name === "package") return packagesLike(flags, typed, start);
  if (name !== "config-name") return [];
  const { searchPathOf } = await import("../config/index.ts");
  const { runnable } = await import("./config.ts");
  const searchPath = searchPathOf(dirsOf(typed));
  const names =
    start === "" ? runnable(searchPath) : [...runnable(searchPath), ...searchPath.all()];
  const [folder = ""] = /^(?:\.\/)?configs\//.exec(start) ?? []; // as one gets it by pressing tab
  const found = finished([...new Set(names)], start.slice(folder.length));
  return found.map((name) => folder + name);
}

/** Keys, groups and options, by the config that the line names. */
async function overridesLike(
  flags: Flags,
  typed: readonly string[],
  word: string,
): Promise<readonly string[]> {
  const { completeRunOverride } = await import("../config/index.ts");
  const isValue = (before = "") => {
    const kind = flags[before.replace(/^--/, "")]?.kind;
    return before.startsWith("--") && kind !== undefined && kind !== "switch";
  };
  const found = completeRunOverride({
    word,
    configName: flagIn(typed, "config-name") ?? "",
    configDirs: dirsOf(typed),
    overrides: typed.filter((one, i) => !one.startsWith("-") && !isValue(typed[i - 1])),
    env: process.env,
  });
  return found.map((text) => (/[=./]$/.test(text) ? text : `${text} `));
}

/** `data` becomes `datasets ` and `datasets.`: parts of the config, and what is inside of them. */
async function packagesLike(flags: Flags, typed: readonly string[], start: string) {
  const found = await overridesLike(flags, typed, start);
  const parts = found.filter((text) => !text.includes("/")).map((text) => text.replace(/=$/, " "));
  return [...new Set(parts)];
}

async function groupsLike(typed: readonly string[], word: string): Promise<readonly string[]> {
  const { searchPathOf } = await import("../config/index.ts");
  const names = [...searchPathOf(dirsOf(typed)).all()].flatMap((name) => {
    const group = name.slice(0, Math.max(0, name.lastIndexOf("/")));
    return group === "" ? [] : [group];
  });
  return finished([...new Set(names)], word);
}

const flagIn = (typed: readonly string[], name: string): string | undefined =>
  valuesIn(typed, name).at(-1);

const dirsOf = (typed: readonly string[]): readonly string[] => valuesIn(typed, "config-dir");

/** What stands behind each `--name` of the line, and behind its `=`. */
const valuesIn = (typed: readonly string[], name: string): readonly string[] =>
  typed.flatMap((word, i) => {
    if (word.startsWith(`--${name}=`)) return [word.slice(name.length + 3)];
    const value = word === `--${name}` ? typed[i + 1] : undefined;
    return value === undefined ? [] : [value];
  });
