import assert from "node:assert/strict";
import { test } from "node:test";
import { liveBytes, scope, setNumThreads } from "@cell-observatory/engine";

/**
 * A test that also fails when tensors made in it outlive it. It runs on one thread: its tensors are
 * small, and test files already run side by side.
 */
export function tensorTest(name: string, body: () => void): void {
  test(name, () => {
    setNumThreads(1);
    const before = liveBytes();
    scope(body);
    assert.equal(liveBytes(), before, "bytes of tensors after the test");
  });
}
