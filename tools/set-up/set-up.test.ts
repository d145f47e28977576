import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { atLeast, toolChecks } from "./checks.mjs";
import { pending, runSteps, StepError } from "./run-steps.mjs";
import { stampOf, writeStamp } from "./stamps.mjs";
import { steps } from "./steps.mjs";

const step = (name: string, after: string[], commands: string[][]) => ({
  name: `test-${name}`,
  title: name,
  after: after.map((other) => `test-${other}`),
  stamp: () => stampOf({ words: [name] }),
  isThere: () => true,
  commands: () => commands,
});
after(() => {
  for (const name of ["first", "second", "failing", "long"]) writeStamp(`test-${name}`, undefined);
});
const quietly = { signal: new AbortController().signal, say: () => {} };

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

test("a step waits for those that it comes after, and is not pending once done", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cello-set-up-"));
  const first = step("first", [], [["sh", "-c", `sleep 0.2; echo 1 > ${folder}/made`]]);
  const second = step("second", ["first"], [["cat", `${folder}/made`]]);
  await runSteps([first, second], quietly);
  assert.deepEqual(pending([first, second]), []);
  assert.deepEqual(pending([{ ...first, stamp: () => "other inputs" }]).length, 1);
  rmSync(folder, { recursive: true });
});

test("a step that fails says which command, how, and the end of what it printed", async () => {
  const failing = step("failing", [], [["sh", "-c", "echo the compiler is unhappy; exit 3"]]);
  await assert.rejects(runSteps([failing], quietly), (error) => {
    assert.ok(error instanceof StepError);
    assert.match(error.message, /failed \(exit 3\)/);
    assert.match(error.message, /the compiler is unhappy/);
    return true;
  });
  assert.deepEqual(pending([failing]).length, 1);
});

test("a stop ends the running commands, and the step stays to be done", async () => {
  const stop = new AbortController();
  const long = step("long", [], [["sleep", "60"]]);
  const running = runSteps([long], {
    signal: stop.signal,
    say: () => stop.abort(new Error("enough")),
  });
  await assert.rejects(running, /enough/);
  assert.deepEqual(pending([long]).length, 1);
});

test("the hash of a folder changes with any file in it", () => {
  const name = "tools/set-up";
  assert.equal(stampOf({ files: [name] }), stampOf({ files: [name] }));
  assert.notEqual(stampOf({ files: [name] }), stampOf({ files: [`${name}/lock.mjs`] }));
});

test("on a machine that is ready, set-up does nothing", () => {
  const names = pending(steps).map(({ name }) => name);
  assert.deepEqual(names, []);
  const program = join(import.meta.dirname, "bootstrap.mjs");
  const { status, stderr } = spawnSync(process.execPath, [program], { encoding: "utf8" });
  assert.equal(status, 0);
  assert.match(stderr, /nothing to do/);
});
