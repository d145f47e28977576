import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { expandVariables } from "./expand-variables.ts";
import { parseDotenv } from "./parse-dotenv.ts";

interface Fixture {
  readonly environment: Readonly<Record<string, string>>;
  readonly cases: readonly {
    readonly text: string;
    readonly values: Readonly<Record<string, string | null>>;
    readonly faults: readonly number[];
  }[];
}

const path = join(import.meta.dirname, "fixtures/dotenv.json");
const { environment, cases } = JSON.parse(readFileSync(path, "utf8")) as Fixture;

for (const { text, values, faults } of cases) {
  test(`${JSON.stringify(text)} is read as python-dotenv reads it`, () => {
    const found = parseDotenv(text);
    assert.deepEqual(Object.fromEntries(expandVariables(found.bindings, environment)), values);
    assert.deepEqual(found.faults, faults);
  });
}

test("a name that objects have is a variable like any other", () => {
  const { bindings } = parseDotenv("A=${toString}\n__proto__=x\n");
  assert.deepEqual(
    [...expandVariables(bindings, {})],
    [
      ["A", ""],
      ["__proto__", "x"],
    ],
  );
});

test("a long line without an end of its quote is refused in no time", () => {
  const text = `A="${"\\".repeat(200_000)}`;
  assert.deepEqual(parseDotenv(text), { bindings: [], faults: [1] });
});
