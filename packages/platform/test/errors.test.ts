import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const repository = join(import.meta.dirname, "../../..");

/** `code = "X"` in a class, and the keys of the tables of hints in files of errors. */
function codesInSources(): readonly string[] {
  const files = globSync(["packages/*/src/**/*.ts", "tools/set-up/*.mjs"], { cwd: repository });
  const codes = files
    .filter((file) => !file.endsWith(".test.ts"))
    .flatMap((file) => {
      const text = readFileSync(join(repository, file), "utf8");
      const assigned = text.matchAll(/\bcode(?:: string)? = "([A-Z][A-Z0-9_]*)"/g);
      const listed = file.endsWith("errors.ts") ? text.matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm) : [];
      const printed = text.matchAll(/`(?:\\n)?(SET_UP|UNEXPECTED): /g);
      return [...assigned, ...listed, ...printed].map(([, code = ""]) => code);
    });
  return [...new Set(codes)].sort();
}

const page = readFileSync(join(repository, "docs/reference/errors.md"), "utf8");
const documented = [...page.matchAll(/^\| ([A-Z][A-Z0-9_]*) \|/gm)].map(([, code = ""]) => code);

test("docs/reference/errors.md lists every error code, and no other", () => {
  assert.deepEqual(documented.toSorted(), codesInSources());
});

test("its rows are sorted, and each says what it means and what to do", () => {
  assert.deepEqual(documented, documented.toSorted());
  const rows = page.split("\n").filter((line) => /^\| [A-Z]/.test(line));
  for (const row of rows) assert.match(row, /^\| [A-Z0-9_]+ \| [^|]+\. \| [^|]+\. \|$/);
});
