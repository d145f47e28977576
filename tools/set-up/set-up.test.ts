import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { atLeast, checks, toolChecks } from "./checks.mjs";
import { pending } from "./run-steps.mjs";
import { stampOf } from "./stamps.mjs";
import { steps } from "./steps.mjs";

test("versions compare by number, not by letter", () => {
  assert.ok(atLeast("3.11.7", "3.11"));
  assert.ok(atLeast("10.2", "9.9"));
  assert.ok(!atLeast("3.9", "3.11"));
  assert.ok(!atLeast("1.90.3", "1.91"));
});

test("a tool that is missing is named with what it is for and how to get it", async () => {
  const { CXX } = process.env;
  process.env.CXX = "no-such-compiler";
  try {
    const check = (await toolChecks()).find(({ name }) => name === "C++ compiler");
    assert.equal(check?.status, "fail");
    assert.match(check?.found ?? "", /no-such-compiler.*compiles the engine/);
    assert.match(check?.fix ?? "", /apt-get install g\+\+/);
  } finally {
    if (CXX === undefined) delete process.env.CXX;
    else process.env.CXX = CXX;
  }
});

test("the hash of a folder changes with any file in it", () => {
  const name = "tools/set-up";
  assert.equal(stampOf({ files: [name] }), stampOf({ files: [name] }));
  assert.notEqual(stampOf({ files: [name] }), stampOf({ files: [`${name}/lock.mjs`] }));
});

test("on a machine that is ready, set-up does nothing, and every check of its parts passes", async () => {
  const names = pending(steps).map(({ name }) => name);
  assert.deepEqual(names, []);
  const program = join(import.meta.dirname, "bootstrap.mjs");
  const { status, stderr } = spawnSync(process.execPath, [program], { encoding: "utf8" });
  assert.equal(status, 0);
  assert.match(stderr, /nothing to do/);
  const found = await checks();
  for (const { title } of steps) {
    assert.equal(found.find(({ name }) => name === title)?.status, "pass", title);
  }
});

test("an environment with the pinned torch that is entered or left leaves nothing to do", (t) => {
  const { VIRTUAL_ENV } = process.env;
  const root = mkdtempSync(join(tmpdir(), "environment-"));
  t.after(() => {
    if (VIRTUAL_ENV === undefined) delete process.env.VIRTUAL_ENV;
    else process.env.VIRTUAL_ENV = VIRTUAL_ENV;
    rmSync(root, { recursive: true });
  });
  const library = join(root, "lib");
  mkdirSync(join(root, "bin"));
  mkdirSync(join(library, "torch/lib"), { recursive: true });
  writeFileSync(join(library, "torch/lib/libtorch_cpu.so"), "");
  const pins = readFileSync(join(import.meta.dirname, "../../packages/engine/torch-version.json"));
  writeFileSync(
    join(library, "torch/version.py"),
    `__version__ = '${JSON.parse(`${pins}`).torch}'`,
  );
  const python = join(root, "bin/python");
  const asked = join(root, "asked");
  writeFileSync(python, `#!/bin/sh\necho once >> '${asked}'\necho '${library}'\n`, { mode: 0o755 });
  delete process.env.VIRTUAL_ENV;
  const stamps = () => steps.map((step) => step.stamp());
  const outside = stamps();
  process.env.VIRTUAL_ENV = root;
  assert.deepEqual(stamps(), outside);
  const torch = steps.find(({ name }) => name === "torch");
  assert.ok(torch);
  assert.ok(torch.isThere());
  assert.deepEqual(torch.commands(), []);
  assert.equal(readFileSync(asked, "utf8"), "once\n");
});

test("the wheels that pip may take are of the version that the engine is written for, with hashes", () => {
  const read = (name: string) =>
    readFileSync(join(import.meta.dirname, "../../packages/engine", name), "utf8");
  const wheels = read("libtorch-requirements.txt");
  assert.match(wheels, new RegExp(`^torch==${JSON.parse(read("torch-version.json")).torch} `, "m"));
  const named = wheels.match(/^\S+==/gm)?.length ?? 0;
  assert.ok(named >= 3 && (wheels.match(/--hash=sha256:[0-9a-f]{64}/g)?.length ?? 0) >= 2 * named);
});
