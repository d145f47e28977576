import assert from "node:assert/strict";
import { test } from "node:test";
import { liveBytes, scope } from "@cell-observatory/engine";

/** A test that also fails when tensors made in it outlive it. */
export function tensorTest(name: string, body: () => void): void {
  test(name, () => {
    const before = liveBytes();
    scope(body);
    assert.equal(liveBytes(), before, "bytes of tensors after the test");
  });
}
