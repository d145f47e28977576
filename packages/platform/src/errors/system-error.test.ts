import assert from "node:assert/strict";
import { mkdirSync, openSync, writeSync } from "node:fs";
import { test } from "node:test";
import { exitCodeOf } from "./exit-code.ts";
import { formatError } from "./format-error.ts";
import { explained } from "./system-error.ts";

function thrownBy(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return explained(error);
  }
  assert.fail("nothing was thrown");
}

test("an error of the system is a sentence with what, where and why, and no fault of ours", () => {
  const error = thrownBy(() => mkdirSync("/dev/null/x"));
  const said =
    "SYSTEM: the system refused mkdir of /dev/null/x: not a directory (ENOTDIR)\nhint:  ";
  assert.ok(formatError(error).startsWith(said), formatError(error));
  assert.equal(exitCodeOf(error), 4);
});

test("a full disk has its own code, and its own exit code", () => {
  const full = openSync("/dev/full", "w");
  const error = thrownBy(() => writeSync(full, "x"));
  const said = "DISK_FULL: the system refused write: no space left on device (ENOSPC)\n";
  assert.ok(formatError(error).startsWith(said), formatError(error));
  assert.equal(exitCodeOf(error), 74);
});

test("any other error stays as it is", () => {
  const error = new TypeError("x is not a function");
  assert.equal(explained(error), error);
});
