import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { compose, composeWritten } from "../compose.ts";
import { defaultsTreeText } from "../defaults/defaults-tree-text.ts";
import type { ComposeRequest } from "../expand-request.ts";
import { toPlain } from "../node/node.ts";
import { provenanceOf } from "../node/provenance.ts";
import { selectPackage } from "../node/select-package.ts";
import { showSource } from "../node/source.ts";
import { SearchPath } from "../search/search-path.ts";

const root = mkdtempSync(join(tmpdir(), "compose-hydra-"));
after(() => rmSync(root, { recursive: true }));
const files = {
  "configs/config.yaml":
    "defaults:\n  - db: mysql\n  - _self_\n  - override hydra/launcher: submitit_slurm\n" +
    "hydra:\n  launcher: {timeout_min: 60}\n  sweeper: {params: {seed: '1,2'}}\n" +
    "seed: 1\nout: ${hydra:runtime.output_dir}\nnum: ${hydra:job.num}\n",
  "configs/plain.yaml": "a: {b: [1, {c: x}], d: {}}\nwhen: ${now:%Y-%m-%d}\n",
  "configs/one.yaml": "hydra:\n  searchpath: [SECOND]\ndefaults:\n  - extra: x\n",
  "configs/typo.yaml": "hydra:\n  run:\n    dri: x\n",
  "configs/ask.yaml": "a: ${hydra:runtme.cwd}\n",
  "configs/dir.yaml":
    "hydra:\n  run: {dir: '${base}/${now:%Y-%m-%d}'}\nbase: /logs\nout: ${hydra:runtime.output_dir}\n",
  "configs/sub/c.yaml": "x: 1\n",
  "configs/db/mysql.yaml": "host: h\n",
  "second/extra/x.yaml": "found: true\n",
};
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text.replace("SECOND", join(root, "second")));
}

const request = (configName: string, more: Partial<ComposeRequest> = {}): ComposeRequest => ({
  searchPath: new SearchPath([join(root, "configs")], root),
  configName,
  overrides: [],
  env: {},
  now: new Date(2026, 0, 2),
  ...more,
});
const plain = (configName: string, more: Partial<ComposeRequest> = {}) =>
  toPlain(compose(request(configName, more)).resolved);

test("a plugin that is not here composes with any keys, and the config has no key hydra", () => {
  const run = { num: 3, outputDir: "/runs/3" };
  const composed = plain("config", { run, overrides: ["hydra.launcher.partition=gpu"] });
  assert.deepEqual(composed, { seed: 1, db: { host: "h" }, out: "/runs/3", num: 3 });
});

test("a plugin's name that is misspelt is refused with the nearest", () => {
  const act = () => plain("config", { overrides: ["hydra/launcher=submitit_slrum"] });
  assert.throws(act, /no config hydra\/launcher\/submitit_slrum.*did you mean submitit_slurm\?/);
});

test("keys that Hydra does not have are refused with the nearest, in files and references", () => {
  assert.throws(
    () => plain("typo"),
    /hydra\.run\.dri is not a key of hydra\.run; did you mean dir\?/,
  );
  assert.throws(() => plain("ask"), /hydra has no runtme\.cwd.*did you mean runtime\?/);
});

test("folders of hydra.searchpath are searched, and their absence is an error", () => {
  assert.deepEqual(plain("one"), { extra: { found: true } });
  const overrides = ["hydra.searchpath=[/nowhere]"];
  assert.throws(() => plain("one", { overrides }), /expected a folder of configs at \/nowhere/);
  const packages = ["hydra.searchpath=['pkg://x']"];
  assert.throws(() => plain("one", { overrides: packages }), /no config extra\/x in configs/);
});

for (const name of [
  "sub/c",
  "sub/c.yaml",
  "configs/sub/c",
  "configs/sub/c.yaml",
  "./configs/sub/c.yaml",
]) {
  test(`--config-name=${name} is the config sub/c`, () => {
    const composition = compose(request(name));
    assert.equal(composition.configName, "sub/c");
    assert.deepEqual(toPlain(composition.resolved), { sub: { x: 1 } });
  });
}

test("the folder of a run follows hydra.run.dir, from the working folder or absolute", () => {
  const run = { cwd: "/home/me" };
  assert.deepEqual(plain("dir", { run }), { base: "/logs", out: "/logs/2026-01-02" });
  const overrides = ["hydra.run.dir=here", "base=x"];
  assert.deepEqual(plain("dir", { run, overrides }), { base: "x", out: "/home/me/here" });
});

test("now is the time that was given", () => {
  assert.deepEqual(plain("plain"), { a: { b: [1, { c: "x" }], d: {} }, when: "2026-01-02" });
});

test("the defaults tree has Hydra's own groups, and _self_ where content is merged", () => {
  const text = defaultsTreeText(composeWritten(request("config")).tree);
  assert.match(text, /^<root>:\n {2}hydra\/config:\n {4}hydra\/output: default\n/);
  assert.match(text, /\n {4}hydra\/launcher: submitit_slurm\n/);
  assert.match(text, /\n {2}config:\n {4}db: mysql\n {4}_self_\n$/);
});

test("every value has its place, empty ones too", () => {
  const { resolved } = compose(request("plain", { overrides: ["+a.e=2"] }));
  const places = [...provenanceOf(resolved)].map(
    ({ key, source }) => `${key} ${showSource(source)}`,
  );
  assert.deepEqual(places, [
    "a.b.0 configs/plain.yaml:1:9",
    "a.b.1.c configs/plain.yaml:1:16",
    "a.d configs/plain.yaml:1:24",
    "a.e override +a.e=2",
    "when configs/plain.yaml:2:7",
  ]);
});

test("a package is a part of the config, and one that is not there is refused", () => {
  const { resolved } = compose(request("plain"));
  assert.deepEqual(toPlain(selectPackage(resolved, "a.b.1")), { c: "x" });
  assert.equal(selectPackage(resolved, "_global_"), resolved);
  assert.throws(() => selectPackage(resolved, "a.z"), /the config has no a\.z/);
});
