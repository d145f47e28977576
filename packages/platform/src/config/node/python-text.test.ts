import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfigFile } from "../yaml/yaml-file.ts";
import { pythonStr } from "./python-text.ts";

for (const [yaml, text] of [
  ["1", "1"],
  ["1.0", "1.0"],
  ["1e-5", "1e-05"],
  ["0.0001", "0.0001"],
  ["1e15", "1000000000000000.0"],
  ["1e16", "1e+16"],
  ["123456789.125", "123456789.125"],
  ["1.5e-300", "1.5e-300"],
  ["-0.0", "-0.0"],
  [".inf", "inf"],
  ["-.inf", "-inf"],
  [".nan", "nan"],
  ["yes", "True"],
  ["null", "None"],
  ["[1, 'a', \"it's\", 2.0]", "[1, 'a', \"it's\", 2.0]"],
  ["{a: no, 1: [x], yes: null}", "{'a': False, 1: ['x'], True: None}"],
] as const) {
  test(`${yaml} is ${text} in text`, () => {
    const { node } = parseConfigFile(`a: ${yaml}\n`, "x.yaml");
    const value = node?.kind === "map" ? node.entries.get("a")?.node : undefined;
    assert.equal(value && pythonStr(value), text);
  });
}
