import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { repository } from "../command.ts";
import { configReference } from "./files.ts";

for (const [path, text] of configReference()) {
  test(`${path} is what the schemas say; node tools/write-config-reference.ts writes it`, () => {
    const saved = readFileSync(join(repository, path), "utf8");
    const lines = saved.split("\n");
    const differing = text.split("\n").findIndex((line, i) => line !== lines[i]);
    assert.ok(saved === text, `line ${differing + 1} is ${lines[differing]}`);
  });
}
