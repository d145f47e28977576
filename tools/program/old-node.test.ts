import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { repository } from "../command.ts";

test("on an older Node the command says which one it wants, and how to get it", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "old-node-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const bin = readFileSync(join(repository, "packages/platform/bin/cello.mjs"), "utf8");
  // what Node 18 has not: import.meta.dirname, import.meta.filename, process.getBuiltinModule
  const old = `
    Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.19.0" } });
    delete process.getBuiltinModule;`;
  writeFileSync(join(folder, "old.mjs"), old);
  const program = join(folder, "cello.mjs");
  writeFileSync(program, bin.replaceAll(/import\.meta\.(?:dirname|filename)/g, "undefined"));
  const args = [`--import=${join(folder, "old.mjs")}`, program, "doctor"];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.match(stderr, /^SET_UP: expected Node\.js 24 or newer, this is 18\.19\.0\nhint: /);
  assert.equal(status, 4);
});
