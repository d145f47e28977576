import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ConfigYamlError } from "../faults/errors.ts";
import { SearchPath } from "./search-path.ts";

const root = mkdtempSync(join(tmpdir(), "search-"));
after(() => rmSync(root, { recursive: true }));

test("a byte that is no UTF-8 is refused at its place, and not read as another letter", () => {
  const bytes = Buffer.concat([
    Buffer.from("a: é\nb: 1 "),
    Buffer.from([0xb5]),
    Buffer.from("m\n"),
  ]);
  writeFileSync(join(root, "latin.yaml"), bytes);
  assert.throws(
    () => new SearchPath([root]).load("latin"),
    (error) =>
      error instanceof ConfigYamlError && /yaml:2:6: a byte that is no/.test(error.message),
  );
});

test("a letter U+FFFD that the file has, and a mark of byte order at its start, are read", () => {
  writeFileSync(join(root, "mark.yaml"), "\ufeffa: \ufffd\n");
  const { node } = new SearchPath([root]).load("mark") ?? assert.fail();
  const value = node?.kind === "map" && node.entries.get("a")?.node;
  assert.equal(value && value.kind === "scalar" && value.value, "\ufffd");
});
