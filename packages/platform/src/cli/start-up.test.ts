import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

const src = join(import.meta.dirname, "..");

/** What a file loads before its first line runs: imports that are not of types, and theirs. */
function loadedBy(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  if (!file.endsWith(".ts")) return seen;
  const text = readFileSync(file, "utf8");
  for (const [, names = "", from, bare] of text.matchAll(
    /^(?:import|export) (?!type )([^"';=]*?) from "([^"]+)"|^import "([^"]+)"/gm,
  )) {
    const words = names.replaceAll(/[{}]/g, "").split(",");
    const isOfTypes = names.includes("{") && words.every((word) => /^\s*(?:type\s|$)/.test(word));
    const target = from ?? bare ?? "";
    if (!isOfTypes) loadedBy(target.startsWith(".") ? join(dirname(file), target) : target, seen);
  }
  return seen;
}

const outside = (files: ReadonlySet<string>) =>
  [...files].filter((file) => !file.startsWith(src) && !file.startsWith("node:")).sort();

test("the command itself loads nothing but its own files, the errors and commander", () => {
  const loaded = outside(loadedBy(join(src, "cli/run-process.ts")));
  assert.deepEqual(loaded, ["@cell-observatory/engine/errors", "commander"]);
});

test("no verb's file loads the engine, Zarr, zod or YAML before it runs", async () => {
  const { verbs } = await import("./verbs.ts");
  for (const { load } of verbs) {
    const [, file = ""] = /import\("([^"]+)"\)/.exec(load.toString()) ?? [];
    const heavy = outside(loadedBy(join(src, "cli", file))).filter(
      (name) => name !== "@cell-observatory/engine/errors",
    );
    assert.deepEqual(heavy, [], file);
  }
});
