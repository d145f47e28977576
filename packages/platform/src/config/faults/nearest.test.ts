import assert from "node:assert/strict";
import { test } from "node:test";
import { distance, nearest } from "./nearest.ts";

for (const [a, b, cost] of [
  ["", "", 0],
  ["abc", "abc", 0],
  ["abc", "abd", 1],
  ["abc", "acb", 1],
  ["abc", "ab", 1],
  ["abc", "xabc", 1],
  ["ca", "abc", 3],
  ["kitten", "sitting", 3],
] as const) {
  test(`"${a}" is ${cost} from "${b}", and back`, () => {
    assert.equal(distance(a, b), cost);
    assert.equal(distance(b, a), cost);
  });
}

test("the nearest candidate is named, and none that is far", () => {
  const keys = ["epochs", "max_steps", "device"];
  assert.equal(nearest("epoch", keys), "epochs");
  assert.equal(nearest("max_setps", keys), "max_steps");
  assert.equal(nearest("Device", keys), "device");
  assert.equal(nearest("learning_rate", keys), undefined);
});
