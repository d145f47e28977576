import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Lexer } from "yaml";
import { ConfigYamlError } from "../faults/errors.ts";
import { hostileFiles } from "../hostile.fixture.ts";
import { nodeAt, toPlain } from "../node/node.ts";
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

for (const { what, text, message } of hostileFiles()) {
  test(`${what} is refused, with its place`, () => assert.match(refusal(text), message));
}

for (const [text, message] of [
  ["a: 1\nb:\t2\n", /x\.yaml:2:3: a tab can stand in quotes/],
  ["a: 1 \t# c\n", /x\.yaml:1:6: a tab/],
  ["a: 1\nb: x\u0007\n", /x\.yaml:2:5: the character U\+0007 cannot be in a config/],
  ["a: [1, =]\n", /x\.yaml:1:8: = is no value in YAML/],
  ["a:\n  b: 1\n   c: 2\n", /x\.yaml:2:6: a value and a key in one: keys of a mapping begin at /],
  ["a:\n  b: 1\n c: 2\n", /x\.yaml:3:1: keys of one mapping must begin at the same column$/],
  ["a: [1}\n", /x\.yaml:1:6: a \[ is not closed: expected , or \]$/],
  ["a: [1, 2\nb: 3\n", /x\.yaml:1:8: a \[ before this is not closed: expected , or \]$/],
  ["a: {b: 1\n", /x\.yaml:2:1: a \{ is not closed: expected , or \}$/],
  ["a:1\nb: 2\n", /x\.yaml:1:1: expected `key: value`, with a space behind the colon$/],
  ["a: 'it's'\n", /x\.yaml:1:8: text behind a value that has ended/],
  [
    "a: {b: ${x}}\n",
    /x\.yaml:1:9: a bracket behind a value .*: inside of .* \$\{...\} needs quotes$/,
  ],
  ["a: [1]\n]\n", /x\.yaml:2:1: a bracket that closes nothing$/],
  ["a: - b\n", /x\.yaml:1:4: a list begins in the line below its key/],
  ["a: 'x\nb: 1\n", /x\.yaml:3:1: the quote ' is not closed$/],
  ["a: @x\n", /x\.yaml:1:4: text that begins with @ needs quotes$/],
] as const) {
  test(`${JSON.stringify(text)} is refused, as by PyYAML`, () => {
    assert.match(refusal(text), message);
  });
}

for (const [text, value] of [
  ["x:\n  - a: [\n    1\n  ]\n  - 2\n", { x: [{ a: [1] }, 2] }],
  ["a: {\nb: 1\n}\nc: 2\n", { a: { b: 1 }, c: 2 }],
  ["x:\n  a: 'x\ny'\n  b: 1\n", { x: { a: "x y", b: 1 } }],
  ["a: 1\rb: 2\r", { a: 1, b: 2 }],
  ["a: b\r\nc: d\r", { a: "b", c: "d" }],
] as const) {
  test(`${JSON.stringify(text)} is read, as by PyYAML`, () => assert.deepEqual(plain(text), value));
}

test("an alias is the value that its anchor has at that place, and the same for all", () => {
  const { node } = parse("a: &x {b: &y 1}\nc: &y 2\nd: *x\ne: *y\nf: &x 3\ng: *x\nh: *y\n");
  assert.deepEqual(node && toPlain(node), {
    a: { b: 1 },
    c: 2,
    d: { b: 1 },
    e: 2,
    f: 3,
    g: 3,
    h: 2,
  });
  const value = (key: string) => node && nodeAt(node, [key]);
  assert.equal(value("d"), value("a"));
});

test("aliases count with all that they bring", () => {
  const list = `a: &a [${Array(99).fill("x").join(", ")}]\n`;
  const uses = (count: number) => `${list}b: [${Array(count).fill("*a").join(", ")}]\n`;
  assert.equal(refusal(uses(150)), "accepted");
  assert.match(refusal(uses(250)), /aliases expand to more than 20000 values/);
});

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

// The library has no option to read on there, so its lexer's own fields are set (pyyaml-lexemes.ts).
test("the library's lexer still has the fields that are set to read as PyYAML does", () => {
  const lexer = new Lexer();
  for (const [field, type] of [
    ["indentNext", "number"],
    ["flowLevel", "number"],
    ["parseQuotedScalar", "function"],
  ] as const) {
    assert.equal(typeof Reflect.get(lexer, field), type, field);
  }
});

for (const text of [
  "x:\n  a: [\n    1,\n]\n",
  "x:\n  a: [\n1\n  ]\n",
  "x:\n  - a: [\n    1\n]\n",
  'x:\n  a: "1\n2"\n',
]) {
  test(`a line may begin anywhere in brackets and quotes: ${JSON.stringify(text)}`, () => {
    const one = { a: text.includes('"') ? "1 2" : [1] };
    assert.deepEqual(plain(text), { x: text.includes("- a") ? [one] : one });
  });
}
