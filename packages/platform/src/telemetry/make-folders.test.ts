import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeFolders } from "./make-folders.ts";

test("the name of every folder that is made is synced in the folder above it", (t) => {
  const root = mkdtempSync(join(tmpdir(), "folders-"));
  t.after(() => rmSync(root, { recursive: true }));
  const synced: string[] = [];
  const make = (...names: string[]) => {
    synced.length = 0;
    makeFolders(join(root, ...names), (folder) => void synced.push(folder));
    assert.ok(existsSync(join(root, ...names)));
    return synced.toSorted();
  };
  assert.deepEqual(make("a", "b", "c"), [root, join(root, "a"), join(root, "a", "b")]);
  assert.deepEqual(make("a", "b", "d"), [join(root, "a", "b")]);
  assert.deepEqual(make("a", "b", "d"), [join(root, "a", "b")]);
});
