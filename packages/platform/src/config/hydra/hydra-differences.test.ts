import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { toPlain } from "../node/node.ts";
import { parseConfigFile } from "../yaml/yaml-file.ts";
import { differences } from "./hydra-differences.ts";

const page = readFileSync(
  join(import.meta.dirname, "../../../../../docs/reference/hydra.md"),
  "utf8",
);

test("docs/reference/hydra.md names every difference from Hydra, with its reason", () => {
  const lines = differences.map(({ name, reason }) => `| ${name} | ${reason} |`);
  assert.deepEqual(
    lines.filter((line) => !page.includes(line)),
    [],
  );
});

for (const [text, value] of [
  ["no", false],
  ["off", false],
  ["yes", true],
  ["on", true],
  ["010", 8],
  ["0o10", "0o10"],
  ["1_000", 1000],
  ["1:30", 90],
  ["0b11", 3],
  ["1e3", 1000],
  [".5", 0.5],
  ["5.", 5],
  ["2001-01-01", "2001-01-01"],
  ["~", null],
  ["!!float 1", 1],
  ["{1: a, yes: b}", { 1: "a", true: "b" }],
] as const) {
  test(`unlike in YAML 1.2, or as in it, ${text} is ${JSON.stringify(value)}`, () => {
    const { node } = parseConfigFile(`a: ${text}\n`, "x.yaml");
    assert.deepEqual(node && toPlain(node), { a: value });
  });
}
