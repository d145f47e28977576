import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigYamlError } from "./errors.ts";
import { nodeAt, toPlain } from "./node.ts";
import { parseConfigFile } from "./yaml-file.ts";

const parse = (text: string) => parseConfigFile(text, "x.yaml");
const plain = (text: string) => {
  const { node } = parse(text);
  return node && toPlain(node);
};

function refusal(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ConfigYamlError) return error.message;
    throw error;
  }
  return "accepted";
}

test("every value knows its line and column", () => {
  const { node } = parse("# c\na: 1\nb:\n  - x\n  - {y: 'z'}\n");
  const place = (...path: string[]) => node && nodeAt(node, path)?.source;
  assert.deepEqual(place("a"), { kind: "file", path: "x.yaml", line: 2, column: 4 });
  assert.deepEqual(place("b", "0"), { kind: "file", path: "x.yaml", line: 4, column: 5 });
  assert.deepEqual(place("b", "1", "y"), { kind: "file", path: "x.yaml", line: 5, column: 9 });
});

test("scalars in quotes are text, and those without are read by PyYAML's rules", () => {
  assert.deepEqual(plain("a: 'no'\nb: no\nc: \"010\"\nd: 010\ne: |\n  1\n"), {
    a: "no",
    b: false,
    c: "010",
    d: 8,
    e: "1\n",
  });
});

test("the header's package is found at the top only", () => {
  assert.equal(parse("# @package a.b\nx: 1\n").packageHeader, "a.b");
  assert.equal(parse("\n#@package _global_\nx: 1\n").packageHeader, "_global_");
  assert.equal(parse("# a note\n# @package a.b\nx: 1\n").packageHeader, null);
  assert.equal(parse("x: 1\n# @package a.b\n").packageHeader, null);
});

const bomb = Array.from(
  { length: 9 },
  (_, i) =>
    `a${i}: &a${i} [${Array(9)
      .fill(i === 0 ? "x" : `*a${i - 1}`)
      .join(", ")}]`,
).join("\n");

for (const [what, text, message] of [
  ["an alias bomb", bomb, /x\.yaml:\d+:\d+: aliases expand to more than 20000 values/],
  ["an alias that holds itself", "a: &a [*a]\n", /x\.yaml:1:\d+: /],
  [
    "20,000 nested lists",
    `a: ${"[".repeat(20_000)}`,
    /x\.yaml:1:\d+: nested deeper than 64 levels/,
  ],
  [
    "20,000 nested dashes",
    `${"- ".repeat(20_000)}x`,
    /x\.yaml:1:\d+: nested deeper than 64 levels/,
  ],
  [
    "a staircase of 500 keys",
    Array.from({ length: 500 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"),
    /x\.yaml:\d+:\d+: nested deeper than 64 levels/,
  ],
  ["a file of a megabyte", `a: ${"x".repeat(2 ** 20)}`, /x\.yaml:1:1: a config file of 1048579/],
  ["200,000 words", `a: [${"1,".repeat(100_000)}1]`, /more than 30000 words and marks/],
  ["a storm of merge keys", `${bomb}\nb:\n  <<: [${Array(9).fill("*a8").join(", ")}]\n`, /aliases/],
  ["a key given twice", "a: 1\nb: 2\na: 3\n", /x\.yaml:3:1: the key a is given twice/],
  ["the key __proto__", "a:\n  __proto__: {x: 1}\n", /x\.yaml:2:3: the key __proto__ is refused/],
  ["the key constructor", "constructor: 1\n", /x\.yaml:1:1: the key constructor is refused/],
  ["a tab for indentation", "a:\n\tb: 1\n", /x\.yaml:2:\d+: /],
  ["a NUL", "a: 1\nb: \0\n", /x\.yaml:\d+:\d+: a NUL character/],
  ["a tag of JavaScript", "a: !!js/function 'x'\n", /x\.yaml:1:\d+: the tag .* is refused/],
  ["a tag of Python", "a: !!python/object:os.system x\n", /x\.yaml:1:\d+: the tag .* is refused/],
  ["a tag of its own", "a: !mine {b: 1}\n", /x\.yaml:1:\d+: the tag !mine is refused/],
  ["two documents", "a: 1\n---\nb: 1\n", /x\.yaml:2:\d+: expected one document, found two/],
  ["an unclosed quote", "a: 'x\n", /x\.yaml:\d+:\d+: /],
  ["an unclosed list", "a: [1\nb: 2\n", /x\.yaml:\d+:\d+: /],
  ["an unknown alias", "a: *b\n", /x\.yaml:1:\d+: /],
  ["2^53 + 1", "a: 9007199254740993\n", /x\.yaml:1:4: 9007199254740993 is beyond 2\^53/],
  ["a hexadecimal of 17 digits", "a: 0x1FFFFFFFFFFFFFFFF\n", /is beyond 2\^53/],
  ["a number of 250,000 digits", `a: ${"1".repeat(250_000)}\n`, /x\.yaml:1:4: a number of 250000/],
  ["a time of 80,000 parts", `a: 1${":51".repeat(80_000)}\n`, /x\.yaml:1:4: a number of 240001/],
  ["1e309", "a: 1e309\n", /x\.yaml:1:4: 1e309 is larger than any number/],
  ["1e-400", "a: 1.0e-400\n", /is smaller than any number/],
] as const) {
  test(`${what} is refused, with its place`, () => assert.match(refusal(text), message));
}

test("after all of it no prototype has changed", () => {
  refusal("__proto__: {polluted: 1}\n");
  assert.equal(Reflect.get({}, "polluted"), undefined);
});

test("any text is either a config or refused by name, and never anything else", () => {
  const yamlish = fc.string({
    unit: fc.constantFrom(..."abx01.:-[]{},&*!|>'\"#%@ \t\n~<?_=".split("")),
    maxLength: 60,
  });
  fc.assert(
    fc.property(fc.oneof(yamlish, fc.string({ unit: "binary" })), (text) => {
      refusal(text);
    }),
    { numRuns: 1500 },
  );
});
