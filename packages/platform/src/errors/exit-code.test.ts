import assert from "node:assert/strict";
import { test } from "node:test";
import { ShapeError } from "@cell-observatory/engine/errors";
import { exitCodeOf, exitCodeOfCode } from "./exit-code.ts";

for (const [code, exitCode] of [
  ["CONFIG_INVALID", 2],
  ["USAGE", 2],
  ["ZARR_CHUNK", 3],
  ["RUN_FILE", 3],
  ["RUN_CONFIG_FILE", 2],
  ["RUN_LOCKED", 4],
  ["ENGINE_ENVIRONMENT", 4],
  ["ENGINE_MISSING", 4],
  ["ENGINE_MISSING_DEVICE", 4],
  ["ENGINE", 1],
  ["NUMERIC_ANOMALY", 5],
  ["EVENTS_CORRUPT", 3],
  ["EVENTS_WRITE", 74],
  ["CONFIGURED", 1],
] as const) {
  test(`${code} ends the process with ${exitCode}`, () => {
    assert.equal(exitCodeOfCode(code), exitCode);
  });
}

test("an error of ours has the exit code of its family, and any other has 1", () => {
  assert.equal(exitCodeOf(new ShapeError("B N", [1])), 2);
  assert.equal(exitCodeOf(new Error("x")), 1);
  assert.equal(exitCodeOf(undefined), 1);
});
