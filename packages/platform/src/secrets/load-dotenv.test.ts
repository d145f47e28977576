import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { loadDotenv } from "./load-dotenv.ts";

const root = mkdtempSync(join(tmpdir(), "dotenv-"));
after(() => rmSync(root, { recursive: true }));

function load(files: Readonly<Record<string, string>>, given: Record<string, string> = {}) {
  const base = mkdtempSync(join(root, "case-"));
  const folders = Object.entries(files).map(([name, text]) => {
    mkdirSync(join(base, name));
    writeFileSync(join(base, name, ".env"), text);
    return join(base, name);
  });
  const env: Record<string, string | undefined> = { ...given };
  const notes: string[] = [];
  loadDotenv({ folders: [...folders, join(base, "none")], env, note: (text) => notes.push(text) });
  return { env, notes: notes.map((text) => text.replace(`${base}/`, "")) };
}

test("the environment wins over the first folder, and that over the second", () => {
  const { env, notes } = load({ here: "A=1\nB=1\n", repository: "A=2\nB=2\nC=2\n" }, { A: "0" });
  assert.deepEqual(env, { A: "0", B: "1", C: "2" });
  assert.deepEqual(notes, []);
});

test("a file that is named comes before those of folders, and may be missing", () => {
  const named = join(mkdtempSync(join(root, "named-")), "server.env");
  writeFileSync(named, "A=named\n");
  const folder = mkdtempSync(join(root, "folder-"));
  writeFileSync(join(folder, ".env"), "A=folder\nB=folder\n");
  const env: Record<string, string | undefined> = {};
  const files = [join(folder, "none.env"), named];
  loadDotenv({ folders: [folder], files, env, note: assert.fail });
  assert.deepEqual(env, { A: "named", B: "folder" });
});

test("a variable of the first file is there in the second", () => {
  const { env } = load({ here: "USER_ID=me\n", repository: "URI=db://${USER_ID}@x\n" });
  assert.equal(env.URI, "db://me@x");
});

test("what the example leaves to be filled in is no value, and is said", () => {
  const { env, notes } = load({ here: "DATA_DIR=REPLACE_ME_WITH_YOUR_ROOT_DATA_DIR\nA=1\n" });
  assert.deepEqual(env, { A: "1" });
  assert.deepEqual(notes, ["here/.env: DATA_DIR is still to be filled in"]);
});

test("a line that cannot be read is left out, and said without what is in it", () => {
  const { env, notes } = load({ here: "A=1\nPASS='secret\nB=2\n" });
  assert.deepEqual(env, { A: "1", B: "2" });
  assert.deepEqual(notes, ["here/.env:2: expected NAME=value; the line is left out"]);
});

test("a byte order mark is no part of the first name, and a folder named .env is said", () => {
  assert.deepEqual(load({ here: "\uFEFFA=1" }).env, { A: "1" });
  const folder = join(root, "odd");
  mkdirSync(join(folder, ".env"), { recursive: true });
  const notes: string[] = [];
  loadDotenv({ folders: [folder], env: {}, note: (text) => notes.push(text) });
  assert.deepEqual(notes, [`${join(folder, ".env")} cannot be read: EISDIR`]);
});
