import { hostileFiles } from "../../../packages/platform/src/config/hostile.fixture.ts";
import type { Dice } from "../hydra/dice.ts";
import { generateSweep } from "../hydra/generate-sweep.ts";
import { generateInterpolation, generateValue } from "../hydra/generate-text.ts";
import { type GeneratedCase, generateTree } from "../hydra/generate-tree.ts";
import { hostileLines } from "./cases.ts";
import { composeText, expandLine, readFile } from "./targets.ts";

export interface FuzzCase {
  readonly act: () => string | null;
  readonly text: string;
}

/** Small ones only: what a mutation of a huge file finds, the small one finds sooner. */
const seeds = hostileFiles().filter(({ text }) => text.length < 3000);

/** A case that is valid, or hostile, with a few letters changed. */
export function fuzzCase(dice: Dice): FuzzCase {
  const roll = dice.next();
  if (roll < 0.35) {
    const text = mutated(dice, dice.of(seeds).text);
    return { act: () => readFile(text), text };
  }
  if (roll < 0.5) {
    const line = mutated(dice, dice.of(generateSweep(dice, 0).overrides ?? []));
    return { act: () => expandLine(line), text: line };
  }
  const one = dice.chance(0.5) ? generateTree(dice, 0) : small(dice);
  const lines = dice.chance(0.3)
    ? [dice.of(hostileLines)[1].slice(0, 2000)]
    : (one.overrides ?? []);
  const overrides = lines.map((line) => (dice.chance(0.5) ? mutated(dice, line) : line));
  const files = Object.fromEntries(
    Object.entries(one.files ?? {}).map(([path, text]) => [
      path,
      dice.chance(0.3) ? mutated(dice, text) : text,
    ]),
  );
  return { act: () => composeText(files, overrides), text: JSON.stringify({ files, overrides }) };
}

const small = (dice: Dice): GeneratedCase =>
  dice.chance(0.5) ? generateValue(dice, 0) : generateInterpolation(dice, 0);

const marks = [
  "&a ",
  "*a",
  "<<: ",
  "!!",
  "{",
  "}",
  "[",
  "]",
  ":",
  ",",
  "'",
  '"',
  "\\",
  "${",
  "}",
  "#",
  "\t",
  "\n",
  "\n  ",
  "- ",
  "? ",
  "|",
  ">",
  "%",
  "@",
  "\0",
  "\u{feff}",
  "__proto__",
  "constructor",
  "9007199254740993",
  "1e309",
  "???",
  "~",
  "é",
  "\ud800",
  "\u2028",
  "defaults:\n",
  "@package ",
];

function mutated(dice: Dice, text: string): string {
  let result = text;
  for (let i = 0; i < 1 + dice.below(4); i++) {
    const at = dice.below(result.length + 1);
    const length = dice.below(4);
    const roll = dice.next();
    const put = roll < 0.6 ? dice.of(marks) : roll < 0.8 ? result.slice(at, at + 20) : "";
    result = result.slice(0, at) + put + result.slice(at + (roll < 0.5 ? 0 : length));
  }
  return result;
}
