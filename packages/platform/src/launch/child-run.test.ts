import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startChild } from "./child-run.ts";

test("numbers that JSON lacks reach the process that started a run", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "child-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "own.yaml"), "loss: .nan\nbound: -.inf\n");
  const { ended } = startChild(
    ["config", "print", "--no-schema", `--config-dir=${folder}`, "--config-name=own", "--json"],
    { isQuiet: true, signal: () => "SIGTERM" },
  );
  const { exitCode, results } = await ended;
  assert.equal(exitCode, 0);
  assert.deepEqual(results, [{ loss: Number.NaN, bound: Number.NEGATIVE_INFINITY }]);
});

test("a process that cannot be started is a run that has failed, with the reason", async (t) => {
  const { execPath } = process;
  t.after(() => {
    process.execPath = execPath;
  });
  process.execPath = join(tmpdir(), "no-such-program");
  const { ended } = startChild([], { isQuiet: true, signal: () => "SIGTERM" });
  const { exitCode, error } = await ended;
  assert.equal(exitCode, 1);
  assert.match(error ?? "", /^its process cannot be started: spawn \S+no-such-program ENOENT$/);
});
