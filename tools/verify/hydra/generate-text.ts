import type { Dice } from "./dice.ts";
import type { GeneratedCase } from "./generate-tree.ts";

const config = { "config.yaml": "x: 1\ny: {z: two, w: 2.0}\nl: [a, 1]\n" };
const env = { CELLO_TEST_HOST: "db.example" };

const pieces = [
  "a",
  "b1",
  "1",
  "2.5",
  "1e3",
  "-",
  "+",
  ".",
  "_",
  " ",
  "  ",
  "\t",
  "\\",
  "\\,",
  "\\ ",
  "'",
  '"',
  "''",
  "'a b'",
  '"c,d"',
  ",",
  ":",
  "=",
  "[",
  "]",
  "{",
  "}",
  "(",
  ")",
  "${x}",
  "${y.z}",
  "$",
  "null",
  "true",
  "nan",
  "inf",
  "/",
  "@",
  "%",
  "?",
  "|",
  "*",
  "int(",
  "str(",
  "~",
  "#",
  "é",
  "\\\\",
  "0",
  "00",
  "x: 1",
];

/** What follows `x=`: any mixture of the grammar's words. */
export function generateValue(dice: Dice, number: number): GeneratedCase {
  const text = dice.chance(0.5)
    ? element(dice, 3)
    : dice.times(1, 6, () => dice.of(pieces)).join("");
  return { title: `value ${number}`, files: config, name: "config", overrides: [`x=${text}`], env };
}

const space = (dice: Dice) => (dice.chance(0.2) ? " " : "");

function element(dice: Dice, depth: number): string {
  const roll = depth > 0 ? dice.next() : 1;
  const inner = () => space(dice) + element(dice, depth - 1) + space(dice);
  if (roll < 0.2) return `[${dice.times(0, 3, inner).join(",")}]`;
  if (roll < 0.4)
    return `{${dice.times(0, 3, () => `${dice.of(["a", "b c", "1", "k.k", "true"])}:${inner()}`).join(",")}}`;
  if (roll < 0.5) return `${dice.of(["int", "float", "str", "bool", "sort"])}(${inner()})`;
  const words = [
    "a",
    "a b",
    "1",
    "-2.50",
    "1e-5",
    "true",
    "null",
    "'q, r'",
    '"s\\"t"',
    "${x}",
    "${y.z}_",
    "a\\,b",
    "a:b",
    "/a/b",
    "nan",
    "1_000",
    "'${x}'",
    "",
    "0x1",
    "1.",
    ".5",
  ];
  return dice.of(words);
}

const inside = [
  "x",
  "y.z",
  "y.w",
  ".x",
  "..x",
  "y[z]",
  "l.0",
  "l[1]",
  "nope",
  "y",
  "l",
  "oc.env:CELLO_TEST_HOST",
  "oc.env:NOPE,a b",
  "oc.env:NOPE,'q'",
  "oc.env:NOPE,${x}",
  "oc.select:y.z",
  "oc.decode:'[1, x]'",
  "oc.create:[1,{a: b}]",
  "oc.dict.values:y",
  " x ",
  "x y",
  "",
  ":",
  "x:",
  "oc.select:nope,[1, 2]",
  "oc.env:NOPE,\\,",
  "oc.env:NOPE,1.50",
  "eval:'1+2'",
  "eval:'${x}*3'",
];
const around = ["", "", "a", " ", "\\", "\\\\", "$", "{", "}", "'", ":", "é", "[", "1"];

/** Text with `${...}` in it, quoted so that YAML keeps it as it is. */
export function generateInterpolation(dice: Dice, number: number): GeneratedCase {
  const part = () =>
    `${dice.of(around)}\${${dice.of(inside)}${dice.chance(0.93) ? "}" : ""}${dice.of(around)}`;
  const text = dice.times(1, dice.chance(0.6) ? 1 : 3, part).join("");
  const written = `x: 1\ny: {z: two, w: 2.0}\nl: [a, 1]\nt: ${JSON.stringify(text)}\n`;
  return {
    title: `interpolation ${number}`,
    files: { "config.yaml": written },
    name: "config",
    overrides: [],
    env,
  };
}

/** A plain scalar of digits, signs and letters that numbers are made of. */
export function generateScalar(dice: Dice, number: number): GeneratedCase {
  const letters = [..."0123456789", ..."0011..__eE+-:xobnaifNATF"];
  const text = dice.chance(0.15)
    ? dice.of(["yes", "NO", "oN", "TRUE", "nUll", "~", ".inf", "-.NaN", ".Inf", "off", "y"])
    : dice.times(1, 7, () => dice.of(letters)).join("");
  return {
    title: `scalar ${number}`,
    kind: "scalar",
    text: /^[-:]|:$/.test(text) ? `1${text}1` : text,
  };
}

/** An expression of `${eval:'...'}`. */
export function generateExpression(dice: Dice, number: number): GeneratedCase {
  return { title: `eval ${number}`, kind: "eval", text: expression(dice, 4) };
}

function expression(dice: Dice, depth: number): string {
  const inner = () => expression(dice, depth - 1);
  const roll = depth > 0 ? dice.next() : 1;
  if (roll < 0.34)
    return `${inner()} ${dice.of(["+", "-", "*", "/", "//", "%", "+", "*"])} ${inner()}`;
  if (roll < 0.42)
    return `${inner()} ${dice.of(["<", "<=", "==", "!=", ">", "in", "not in", "is"])} ${inner()}`;
  if (roll < 0.5) return `${inner()} ${dice.of(["and", "or"])} ${inner()}`;
  if (roll < 0.56) return `(${inner()})`;
  if (roll < 0.61) return `${inner()} if ${inner()} else ${inner()}`;
  if (roll < 0.66) return `${dice.of(["-", "not ", "+", "~"])}${inner()}`;
  if (roll < 0.72)
    return `${dice.of(["abs", "round", "int", "float", "bool", "str", "len"])}(${inner()})`;
  if (roll < 0.76) return `${dice.of(["max", "min"])}(${inner()}, ${inner()})`;
  if (roll < 0.79) return `round(${inner()}, ${dice.of(["0", "1", "2"])})`;
  if (roll < 0.82) return `[${dice.times(0, 3, inner).join(", ")}]`;
  if (roll < 0.84)
    return `${dice.of(["2", "3", "(-2)", "1.5", "0"])} ** ${dice.of(["2", "0", "-1", "0.5", "3"])}`;
  return dice.of([
    "1",
    "2",
    "3",
    "7",
    "10",
    "0",
    "0.5",
    "2.5",
    "1e3",
    "1.0",
    "0.1",
    "True",
    "False",
    "None",
    "'a'",
    "'ab'",
    "-4",
    "100",
    "1_000",
    "0x10",
  ]);
}
