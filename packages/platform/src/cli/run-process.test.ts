import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";

const program = join(import.meta.dirname, "../../bin/cello.mjs");
const start = (...args: readonly string[]) => spawn(process.execPath, [program, ...args]);

async function cello(...args: readonly string[]) {
  const child = start(...args);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout, stderr, exitCode: child.exitCode ?? (await once(child, "exit"))[0] };
}

test("the process prints the help and ends with 0", async () => {
  const { stdout, stderr, exitCode } = await cello("--help");
  assert.match(stdout, /^Usage: cello /);
  assert.equal(stderr, "");
  assert.equal(exitCode, 0);
});

test("the process ends with the exit code of the error, and prints it on standard error", async () => {
  const { stdout, stderr, exitCode } = await cello("config", "print", "--config-name=nothing");
  assert.equal(stdout, "");
  assert.match(stderr, /^CONFIG_NOT_FOUND: /);
  assert.equal(exitCode, 2);
});

test("a reader that goes away is no error", async () => {
  const child = start("config", "print", "--config-name=experiments/nuclei_mae", "--why");
  child.stdout.destroy();
  const stderr = text(child.stderr);
  const [exitCode] = await once(child, "exit");
  assert.equal(await stderr, "");
  assert.equal(exitCode, 0);
});

test("nobody who reads standard error is no reason to end otherwise", async () => {
  const child = start("config", "print", "--config-name=nothing");
  child.stderr.destroy();
  const [exitCode] = await once(child, "exit");
  assert.equal(exitCode, 2);
});

test("a standard output that cannot be written is said, and ends with 74", async () => {
  const full = openSync("/dev/full", "w");
  const child = spawn(process.execPath, [program, "--help"], { stdio: ["ignore", full, "pipe"] });
  assert.ok(child.stderr);
  closeSync(full);
  const [stderr, [exitCode]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  assert.match(stderr, /^standard output cannot be written: ENOSPC/);
  assert.equal(exitCode, 74);
});

test("an error that nobody caught ends with 1, and its text has no secret", async () => {
  const thrown = `const timer = setInterval(() => {
    if (process.listenerCount("uncaughtException") === 0) return;
    clearInterval(timer);
    throw new Error("no " + process.env.WANDB_API_KEY);
  }, 5)`;
  const child = spawn(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(thrown)}`, program, "--help"],
    { env: { ...process.env, WANDB_API_KEY: "canary-crash" } },
  );
  const [, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.match(stderr, /^UNEXPECTED: no \$\{oc\.env:WANDB_API_KEY\}\n/);
  assert.doesNotMatch(stderr, /canary/);
  assert.equal(child.exitCode ?? (await once(child, "exit"))[0], 1);
});

for (const [what, stdio, message] of [
  ["says so", ["ignore", "ignore", "pipe"], /^\nSIGINT: stopping after this step/],
  ["leaves it to the process that started it", ["ignore", "ignore", "pipe", "ipc"], /^$/],
] as const) {
  test(`a process that is asked to stop ${what}`, async () => {
    const interrupted = `process.on("newListener", (name) => {
      if (name === "SIGINT") queueMicrotask(() => process.emit(name, name));
    })`;
    const child = spawn(
      process.execPath,
      ["--import", `data:text/javascript,${encodeURIComponent(interrupted)}`, program, "--help"],
      { stdio: [...stdio] },
    );
    assert.ok(child.stderr);
    assert.match(await text(child.stderr), message);
  });
}
