import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigYamlError } from "../faults/errors.ts";
import { readFullYaml } from "./yaml-full.ts";
import { readSimpleYaml } from "./yaml-simple.ts";

const configs = join(import.meta.dirname, "../../../../../configs");

function full(text: string) {
  try {
    return readFullYaml(text, "x.yaml");
  } catch (error) {
    if (error instanceof ConfigYamlError) return "refused";
    throw error;
  }
}

const isRead = (text: string) => readSimpleYaml(text, "x.yaml") !== undefined;

test("what it reads is what the full reader reads, with every place", () => {
  const word = fc.constantFrom(
    "a",
    "b",
    "key",
    "x.y",
    "1",
    "yes",
    "010",
    "a b",
    "override /db",
    "db@p",
  );
  const scalar = fc.constantFrom(
    "1",
    "1.0",
    "no",
    "abc",
    "a b",
    "'q ''r'",
    '"s t"',
    "${a.b}",
    "-3",
    "a#b",
    "x # c",
    "~",
    "a:b",
    "/p",
    ".5",
    "1e-3",
    "-",
    "a: b",
    "x:",
    "?",
    "*a",
    "[1, a]",
    "{k: v, n: [x]}",
    "[]",
    "{}",
    "[a, 'b c' , \"d\"]",
    "{a: }",
    "[a,]",
    "['x': 1]",
    "{a: 1}x",
    "[1] # c",
    "|",
    "- a",
    "@x",
    '"\\n"',
    "[${a}]",
    "{'a': 1, \"b\": 2}",
    "{'a':1}",
    "a  b",
    "???",
    "[???]",
    "a\\b",
    "'a\\b'",
    '"a\\\\b"',
    "a\tb",
    "a\t",
    "a\r",
    "=",
    "<<",
    "[a\\b]",
    "µ",
    "",
  );
  const line = fc.oneof(
    fc.tuple(word, scalar).map(([key, value]) => `${key}: ${value}`),
    word.map((key) => `${key}:`),
    scalar.map((value) => `- ${value}`),
    fc.tuple(word, scalar).map(([key, value]) => `- ${key}: ${value}`),
    fc.constantFrom("# comment", "", "  ", "- - a", "-", "---", "...", "<<: *a", "&x a: 1"),
    scalar,
  );
  const text = fc
    .array(fc.tuple(fc.constantFrom(0, 0, 0, 2, 2, 4, 1), line), { maxLength: 7 })
    .map((lines) => `${lines.map(([indent, one]) => " ".repeat(indent) + one).join("\n")}\n`);
  let numRead = 0;
  fc.assert(
    fc.property(text, (one) => {
      const simple = readSimpleYaml(one, "x.yaml");
      if (simple === undefined) return;
      numRead += 1;
      assert.deepEqual(simple, full(one), one);
    }),
    { numRuns: 20_000 },
  );
  assert.ok(numRead > 2000, `${numRead} of 20,000 were simple`);
});

test("nearly every file of configs/ is simple, and reads the same", () => {
  const files = globSync("**/*.yaml", { cwd: configs });
  const simple = files.filter((file) => {
    const text = readFileSync(join(configs, file), "utf8");
    const node = readSimpleYaml(text, "x.yaml");
    if (node !== undefined) assert.deepEqual(node, full(text), file);
    return node !== undefined;
  });
  assert.ok(simple.length > files.length * 0.9, `${simple.length} of ${files.length}`);
});

for (const text of [
  "a: &x 1\n",
  "a: *x\n",
  "a: !!str 1\n",
  "a: |\n  x\n",
  "a: x\n  y\n",
  "a: 1\na: 2\n",
  "a: 9007199254740993\n",
  "__proto__: 1\n",
  "a: é\n",
  "a:\tb\n",
  "a: 1\r\n",
  "<<: {a: 1}\n",
  "a: 'x\n  y'\n",
  "a: [1,\n  2]\n",
  '"__proto__": 1\n',
  '{"a":1}\n',
  "? a\n: 1\n",
  "a: b: c\n",
  "a:\n",
]) {
  test(`${JSON.stringify(text)} is left to the full reader`, () => assert.ok(!isRead(text)));
}
