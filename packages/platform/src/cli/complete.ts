import type { Flag, Flags } from "./flag.ts";
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
  { flags, operands, name }: Verb,
  typed: readonly string[],
  word: string,
): Promise<readonly string[]> {
  const [, given = "", value] = /^--([a-z-]+)=(.*)$/s.exec(word) ?? [];
  if (value !== undefined) {
    const found = await valuesOf(given, flags[given], typed, value);
    return found.map((text) => `--${given}=${text}`);
  }
  const [, before = ""] = /^--([a-z-]+)$/.exec(typed.at(-1) ?? "") ?? [];
  const flag = flags[before];
  if (flag !== undefined && flag.kind !== "switch") {
    return valuesOf(before, flag, typed.slice(0, -1), word);
  }
  if (word.startsWith("-")) return flagsLike({ ...flags, json, trace: json }, word);
  if (isComposing(operands)) return overridesLike(typed, word);
  return name === "list" && "config-dir" in flags ? groupsLike(typed, word) : [];
}

const json: Flag = { kind: "switch", help: "" };

const flagsLike = (flags: Flags, word: string): readonly string[] =>
  Object.entries(flags)
    .filter(([name]) => `--${name}`.startsWith(word))
    .map(([name, { kind }]) => (kind === "switch" ? `--${name} ` : `--${name}=`));

async function valuesOf(
  name: string,
  flag: Flag | undefined,
  typed: readonly string[],
  start: string,
): Promise<readonly string[]> {
  if (flag?.kind === "choice") return finished(flag.choices, start);
  if (name !== "config-name") return [];
  const { searchPathOf } = await import("../config/index.ts");
  const { runnable } = await import("./config.ts");
  const searchPath = searchPathOf(dirsOf(typed));
  const names =
    start === "" ? runnable(searchPath) : [...runnable(searchPath), ...searchPath.all()];
  return finished([...new Set(names)], start);
}

/** Keys, groups and options, by the config that the line names. */
async function overridesLike(typed: readonly string[], word: string): Promise<readonly string[]> {
  const { completeRunOverride } = await import("../config/index.ts");
  const found = completeRunOverride({
    word,
    configName: flagIn(typed, "config-name") ?? "",
    configDirs: dirsOf(typed),
    overrides: typed.filter((one, i) => !one.startsWith("-") && !takesNext(typed[i - 1])),
    env: process.env,
  });
  return found.map((text) => (/[=./]$/.test(text) ? text : `${text} `));
}

async function groupsLike(typed: readonly string[], word: string): Promise<readonly string[]> {
  const { searchPathOf } = await import("../config/index.ts");
  const names = [...searchPathOf(dirsOf(typed)).all()].flatMap((name) => {
    const group = name.slice(0, Math.max(0, name.lastIndexOf("/")));
    return group === "" ? [] : [group];
  });
  return finished([...new Set(names)], word);
}

const takesNext = (word: string | undefined) => /^--(?:config-name|config-dir)$/.test(word ?? "");

function flagIn(typed: readonly string[], name: string): string | undefined {
  const joined = typed.find((word) => word.startsWith(`--${name}=`));
  if (joined !== undefined) return joined.slice(name.length + 3);
  const at = typed.indexOf(`--${name}`);
  return at < 0 ? undefined : typed[at + 1];
}

function dirsOf(typed: readonly string[]): readonly string[] {
  const dir = flagIn(typed, "config-dir");
  return dir === undefined ? [] : [dir];
}
