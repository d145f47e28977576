import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { test } from "node:test";
import { FakeRepository } from "./fake-repository.fixture.ts";
import { startOf } from "./processes.mjs";

/** Runs until somebody makes the file `go`. */
const waiting = "i=0; while [ ! -e go ] && [ $i -lt 2000 ]; do i=$((i + 1)); sleep 0.05; done";

test("a step waits for those that it comes after, and is done once", async () => {
  using repository = new FakeRepository([
    { name: "first", command: "sleep 0.2; echo 1 > first" },
    { name: "second", after: ["first"], command: "cat first > second; echo ran >> count" },
  ]);
  const { code, stderr } = await repository.setUp().ended;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /2 of 2 parts to do[\s\S]*ok {2}second: \d+ s\nSet-up: done in/);
  assert.match((await repository.setUp().ended).stderr, /^Set-up: nothing to do\.\n$/);
  assert.equal(repository.read("count"), "ran\n");
});

test("quick steps alone ask the machine for no tools, and with --quiet nothing is said", async () => {
  using repository = new FakeRepository([
    { name: "slow", command: "echo 1 > slow" },
    { name: "quick", isQuick: true, command: "echo 1 > quick" },
  ]);
  assert.equal((await repository.setUp().ended).code, 0);
  const noTool = '[{ name: "tool", status: "fail", found: "none", fix: "get one" }]';
  repository.write("tools/set-up/checks.mjs", `export const toolChecks = async () => ${noTool};`);
  repository.remove("quick");
  assert.deepEqual(await repository.setUp("--quiet").ended, { code: 0, stderr: "" });
  repository.remove("quick");
  assert.match(
    (await repository.setUp().ended).stderr,
    /^ {2}\.\.\. quick\n {2}ok {2}quick: \d+ s\n$/,
  );
  repository.remove("slow");
  assert.match((await repository.setUp("--quiet").ended).stderr, /tool: none\n {4}fix: get one/);
});

test("a step that fails says which command, how, the end of what it printed, and ends the others", async () => {
  using repository = new FakeRepository([
    { name: "bad", command: "echo the compiler is unhappy; exit 3" },
    { name: "long", command: "echo $$ > pid; sleep 600" },
  ]);
  const { code, stderr } = await repository.setUp().ended;
  assert.equal(code, 4);
  assert.match(
    stderr,
    /SET_UP: bad failed \(exit 3\)\.\n\nthe compiler is unhappy\n\ncommand: sh -c/,
  );
  assert.match(stderr, /\nhint: {2}run the same command again; what was done already is kept\.\n/);
});

for (const [printed, hint] of [
  ["write error: No space left on device", /the disk is full .*make room for 5 GB/],
  ["npm error code ENOTFOUND", /the registry did not give what was asked for: check the network/],
] as const) {
  test(`"${printed}" ends in a hint of what to do`, async () => {
    const command = `echo "${printed}"; exit 1`;
    using repository = new FakeRepository([{ name: "bad", command, source: "the registry" }]);
    assert.match((await repository.setUp().ended).stderr, hint);
  });
}

test("a step that leaves nothing behind is not taken for done", async () => {
  using repository = new FakeRepository([{ name: "nothing", command: "true" }]);
  for (const _ of [1, 2]) {
    const { code, stderr } = await repository.setUp().ended;
    assert.equal(code, 4);
    assert.match(stderr, /nothing ended without an error, but did not leave what it makes/);
  }
});

test("Ctrl-C ends the commands; the next set-up goes on", async () => {
  using repository = new FakeRepository([
    { name: "done", command: "echo ran >> count; touch done" },
    { name: "long", after: ["done"], command: `echo $$ > pid; ${waiting}; touch long` },
  ]);
  const { child, ended, made } = repository.setUp();
  await made("pid");
  child.kill("SIGINT");
  const { code, stderr } = await ended;
  assert.equal(code, 130);
  assert.match(stderr, /SET_UP: set-up was stopped by SIGINT\nhint:/);
  assert.equal(startOf(Number(repository.read("pid"))), undefined);
  repository.write("go", "");
  assert.equal((await repository.setUp().ended).code, 0);
  assert.equal(repository.read("count"), "ran\n");
});

test("what a killed set-up left running is ended before the same is begun again", async () => {
  using repository = new FakeRepository([
    { name: "long", command: `echo $$ >> pids; ${waiting}; touch long` },
  ]);
  const { child, ended, made } = repository.setUp();
  await made("pids");
  child.kill("SIGKILL");
  await ended;
  const second = repository.setUp();
  await second.printed("parts to do");
  const [left] = repository.read("pids").split("\n");
  assert.equal(startOf(Number(left)), undefined);
  repository.write("go", "");
  assert.equal((await second.ended).code, 0);
});

test("of two set-ups at once, the second waits for the first and then has nothing to do", async () => {
  using repository = new FakeRepository([
    { name: "long", command: `echo ran >> count; ${waiting}; touch long` },
  ]);
  const first = repository.setUp();
  await first.made("count");
  const second = repository.setUp();
  await second.printed(`Another set-up works in this folder (process ${first.child.pid})`);
  repository.write("go", "");
  assert.equal((await first.ended).code, 0);
  assert.equal((await second.ended).code, 0);
  assert.equal(repository.read("count"), "ran\n");
});

for (const [what, lock] of [
  ["of a process whose number another has now", holder({ start: "1" })],
  ["of another machine that has been silent", holder({ host: `not-${hostname()}` })],
  ["that a full disk or a power cut left empty", ""],
] as const) {
  test(`a lock ${what} holds nobody up`, async () => {
    using repository = new FakeRepository([{ name: "made", command: "touch made" }]);
    mkdirSync(repository.path(".cello/lock"), { recursive: true });
    repository.write(".cello/lock/7", lock);
    repository.makeOld(".cello/lock/7");
    assert.equal((await repository.setUp().ended).code, 0);
  });
}

test("a source that is edited while it is built is built again", async () => {
  using repository = new FakeRepository([
    {
      name: "built",
      files: ["source"],
      command: "cat source >> built; [ -e edited ] || echo new > source; touch edited",
    },
  ]);
  repository.write("source", "old\n");
  for (const _ of [1, 2, 3]) assert.equal((await repository.setUp().ended).code, 0);
  assert.equal(repository.read("built"), "old\nnew\n");
});

test("sources count also below a folder that is called like what cargo builds", async () => {
  const steps = [{ name: "built", files: ["src"], command: "cat src/a >> built" }];
  using repository = new FakeRepository(steps, { folder: "target" });
  mkdirSync(repository.path("src"));
  for (const text of ["old\n", "new\n"]) {
    repository.write("src/a", text);
    assert.equal((await repository.setUp().ended).code, 0);
  }
  assert.equal(repository.read("built"), "old\nnew\n");
});

function holder(other: { readonly start?: string; readonly host?: string }): string {
  const start = startOf(process.pid);
  return JSON.stringify({ pid: process.pid, start, host: hostname(), ...other });
}
